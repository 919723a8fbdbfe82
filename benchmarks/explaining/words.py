"""What the campaigns of a random world say: some of it too long for some of its people."""

LONG_NAME = "Hubert Blaine " + "Wolfeschlegelstein" * 3 + "hausenberger"  # 80 characters
SMS = {"sms": {"message": "Hi {{customer_first_name}}, a chair is free: {{booking_link}}"}}
LONG_SMS = {"sms": {"message": "Hi {{customer_first_name}}, " + "a chair is free " * 12}}
# Too long for Twilio where the name is.
NAME_SMS = {"sms": {"message": "{{customer_first_name}}, " * 20}}


def mail(message: str) -> dict:
    return {"email": {"subject": "A chair", "message": message, "personalization": True}}


EMAIL = mail("Hi {{customer_first_name}}")
# Of those who came twice more differs than SendGrid takes for one recipient.
LONG_EMAIL = mail("Hi{% if visit_count > 1 %}, " + "it has been a while " * 260 + "{% endif %}")
# One that has to be asked of everybody, too long for some names only.
NAME_EMAIL = mail(
    "Hi {{customer_first_name}}{% if customer_first_name contains 'Wolfe' %}"
    + "é" * 2_600
    + "{% endif %}"
)
EMAILS = (EMAIL, EMAIL, LONG_EMAIL, NAME_EMAIL)
TEXTS = (SMS, SMS, LONG_SMS, NAME_SMS)


def drawn(chance, kind: str) -> dict:
    """The content of an arm or a variation of this type of campaign."""
    mail, text = chance.choice(EMAILS), chance.choice(TEXTS)
    return {"email": mail, "sms": text, "multi": mail | text}[kind]


def variations(chance, kind: str, criteria) -> list[dict]:
    """One or two of an arm; with some of them the arm's own email stays."""
    return [
        {
            "name": name,
            "criteria": chance.choice([each for each in criteria if each]),
            "channels": drawn(chance, chance.choice(["sms", kind]) if kind == "multi" else kind),
        }
        for name in ("first", "second")[: chance.choice([1, 2])]
    ]
