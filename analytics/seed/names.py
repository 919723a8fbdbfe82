"""Names to draw from. Whoever they seem to mean is not meant."""

FIRST = (
    *("Aaron", "Adrian", "Alex", "Amir", "Andre", "Anthony", "Arjun", "Ben", "Blake", "Brandon"),
    *("Bruno", "Caleb", "Cameron", "Carlos", "Cesar", "Chris", "Damian", "Daniel", "Darius"),
    *("David", "Dennis", "Derek", "Diego", "Dylan", "Eddie", "Elena", "Elias", "Emre", "Eric"),
    *("Ethan", "Felix", "Finn", "Frank", "Gabriel", "George", "Grace", "Hassan", "Hector"),
    *("Hugo", "Ian", "Isaac", "Ivan", "Jack", "Jamal", "James", "Jason", "Javier", "Jay"),
    *("Jerome", "Joel", "Jonas", "Jordan", "Jorge", "Juan", "Julian", "Kai", "Kareem", "Keith"),
    *("Kevin", "Kofi", "Lamar", "Leo", "Liam", "Logan", "Louis", "Luca", "Malik", "Marco"),
    *("Marcus", "Maria", "Mario", "Mason", "Mateo", "Max", "Miguel", "Miles", "Nadia", "Nate"),
    *("Nico", "Noah", "Omar", "Oscar", "Otis", "Owen", "Pablo", "Paolo", "Patrick", "Pedro"),
    *("Quinn", "Rafael", "Ravi", "Ray", "Reggie", "Rosa", "Ryan", "Sam", "Santiago", "Sean"),
    *("Sofia", "Stefan", "Terrence", "Theo", "Thomas", "Tomas", "Trevor", "Troy", "Victor"),
    *("Vincent", "Walter", "Wes", "Will", "Xavier", "Yusuf", "Zach", "Zoe"),
)
LAST = (
    *("Abbott", "Acosta", "Adeyemi", "Alvarez", "Andersen", "Baker", "Banks", "Barnes", "Bell"),
    *("Bennett", "Boateng", "Brooks", "Bryant", "Burke", "Campos", "Carter", "Castro", "Chen"),
    *("Clarke", "Coleman", "Cruz", "Dalton", "Davis", "Delgado", "Diaz", "Dixon", "Doyle"),
    *("Edwards", "Ellis", "Estrada", "Farrell", "Fischer", "Flores", "Foster", "Garcia", "Gibson"),
    *("Gomez", "Grant", "Greene", "Hall", "Harper", "Hayes", "Herrera", "Hill", "Howard"),
    *("Hughes", "Hunt", "Ibrahim", "Jackson", "Jensen", "Jones", "Kaya", "Keller", "Kim"),
    *("King", "Knight", "Kumar", "Lane", "Larsen", "Lawson", "Lee", "Lewis", "Lopez"),
    *("Marsh", "Martinez", "Mason", "Mendez", "Mensah", "Meyer", "Mills", "Mitchell", "Molina"),
    *("Moore", "Morales", "Murphy", "Nguyen", "Novak", "Okafor", "Olsen", "Ortiz", "Owens"),
    *("Park", "Patel", "Perez", "Petrov", "Phillips", "Porter", "Quintero", "Ramirez", "Reed"),
    *("Reyes", "Rice", "Rivera", "Rossi", "Russo", "Salazar", "Santos", "Schmidt", "Shaw"),
    *("Silva", "Simmons", "Singh", "Soto", "Stone", "Sullivan", "Torres", "Tran", "Turner"),
    *("Vargas", "Vega", "Walsh", "Ward", "Watts", "Webb", "Wright", "Yilmaz", "Young"),
)
BARBERS = (
    ("Tony", "Marino"),
    ("Dre", "Coleman"),
    ("Luz", "Ortega"),
    ("Sal", "Benedetti"),
    ("Kwame", "Asante"),
    ("Mika", "Lind"),
)
# RFC 2606: nobody can own an address there.
DOMAINS = ("example.com", "example.net", "example.org")
