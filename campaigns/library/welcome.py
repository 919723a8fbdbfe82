from campaigns.library.blueprint import (
    OFFER,
    OPENINGS,
    Blueprint,
    Step,
    button,
    email,
    heading,
    sms,
    spanish,
    text,
)

WELCOME = Blueprint(
    key="welcome",
    name="Welcome series",
    category="welcome",
    description="Three emails and a text for new customers: hello, a reason to come back soon, "
    "and how to keep the cut sharp.",
    primary_goal="second_visit",
    criteria={"visit_count": {"max": 1}},
    discount_percent=15,
    valid_days=30,
    steps=(
        Step(
            name="Welcome",
            delay_days=0,
            channels={
                "email": email(
                    "Welcome to {{ shop_name }}, {{ customer_first_name }}",
                    heading("Good to have you, {{ customer_first_name }}"),
                    text(
                        "Thank you for choosing {{ shop_name }}. Your chair is ready whenever you "
                        "are: pick a time online and we take care of the rest."
                        "{% if shop_phone %}\n\nAny question? Call us on {{ shop_phone }}."
                        "{% endif %}"
                    ),
                    OPENINGS,
                    button("Book your next visit"),
                    text("See you soon,\neveryone at {{ shop_name }}"),
                    preheader="Your chair is ready whenever you are.",
                ),
                "sms": sms(
                    "Welcome to {{ shop_name }}, {{ customer_first_name }}! Book: "
                    "{{ booking_link }} Reply STOP to end"
                ),
            },
            variations=(
                spanish(
                    email=email(
                        "Bienvenido a {{ shop_name }}, {{ customer_first_name }}",
                        heading("Gracias por venir, {{ customer_first_name }}"),
                        text(
                            "Gracias por elegir {{ shop_name }}. Su silla le espera cuando quiera: "
                            "elija la hora en línea y nosotros nos ocupamos del resto."
                        ),
                        button("Reservar"),
                        text("Hasta pronto,\nel equipo de {{ shop_name }}"),
                    ),
                    sms=sms(
                        "{{ shop_name }}: {{ customer_first_name }}, reserve: {{ booking_link }} "
                        "Responda STOP para salir"
                    ),
                ),
            ),
        ),
        Step(
            name="Your first booking",
            delay_days=3,
            channels={
                "email": email(
                    "For your next visit: {{ offer_in_words }}",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "the second cut is when a barber knows your hair. To make it easy, we have "
                        "something for you:"
                    ),
                    OFFER,
                    button("Find a time that suits you"),
                    text("{{ shop_name }}"),
                    preheader="Until {{ offer_expires_on }}, for you alone.",
                )
            },
        ),
        Step(
            name="Keep it fresh",
            delay_days=7,
            channels={
                "email": email(
                    "How to keep your cut sharp for longer",
                    text(
                        "Hi {{ customer_first_name }},\n\nthree small habits keep a cut in shape:"
                    ),
                    text(
                        "Wash it two or three times a week rather than daily.\n\n"
                        "Dry it in the direction in which it should lie.\n\n"
                        "Come back before it has lost its line: for most people that is every "
                        "three to four weeks."
                    ),
                    OPENINGS,
                    button("{{ barber_first_name | capitalize }} has time for you"),
                    text("{{ shop_name }}"),
                )
            },
        ),
    ),
)
