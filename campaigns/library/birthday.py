from campaigns.library.blueprint import (
    OFFER,
    Blueprint,
    Step,
    button,
    email,
    heading,
    sms,
    spanish,
    text,
)

BIRTHDAY = Blueprint(
    key="birthday",
    name="Birthday wishes",
    category="birthday",
    description="A greeting with a present, by email and text.",
    primary_goal="increase_bookings",
    criteria={"birthday_in_days": {"max": 0}},
    discount_percent=25,
    valid_days=30,
    steps=(
        Step(
            name="Birthday wishes",
            delay_days=0,
            channels={
                "email": email(
                    "Happy birthday, {{ customer_first_name }}!",
                    heading("Happy birthday, {{ customer_first_name }}!"),
                    text(
                        "All of us at {{ shop_name }} wish you a great year. Here is our present:"
                    ),
                    OFFER,
                    button("Choose your time"),
                    text("Have a great day,\neveryone at {{ shop_name }}"),
                    preheader="Our present: {{ offer_in_words }}.",
                ),
                # Beside the greeting there is no room for a link in one part.
                "sms": sms(
                    "Happy birthday from {{ shop_name }}, {{ customer_first_name }}! "
                    "{{ offer_in_words }} until {{ offer_expires_on }} with code "
                    "{{ offer_code }}. Reply STOP to end"
                ),
            },
            variations=(
                spanish(
                    email=email(
                        "¡Feliz cumpleaños, {{ customer_first_name }}!",
                        heading("¡Feliz cumpleaños, {{ customer_first_name }}!"),
                        text("Todo el equipo de {{ shop_name }} le desea un gran año. Su regalo:"),
                        OFFER,
                        button("Elegir la hora"),
                    ),
                    sms=sms(
                        "{{ shop_name }}: feliz cumpleaños, {{ customer_first_name }}. "
                        "{{ offer_in_words }} con {{ offer_code }} (hasta: "
                        "{{ offer_expires_on }}). Responda STOP para salir"
                    ),
                ),
            ),
        ),
    ),
)
