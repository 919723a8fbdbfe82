from campaigns.library.blueprint import (
    OFFER,
    OFFER_TEXT,
    OPENINGS,
    Blueprint,
    Step,
    button,
    email,
    sms,
    spanish,
    text,
)

WIN_BACK = Blueprint(
    key="win_back",
    name="Win-back",
    category="win_back",
    description="For customers who have not come for two months, with their barber's name.",
    primary_goal="win_back_customers",
    criteria={"last_visit_days": {"min": 60}},
    discount_percent=20,
    valid_days=30,
    steps=(
        Step(
            name="We miss you",
            delay_days=0,
            channels={
                "email": email(
                    "{{ customer_first_name }}, it has been a while",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "it has been some time since we last saw you at {{ shop_name }}, and "
                        "{{ barber_first_name }} would be glad to have you back."
                    ),
                    OFFER,
                    OPENINGS,
                    button("See what is free"),
                    text("{{ shop_name }}{% if shop_phone %}, {{ shop_phone }}{% endif %}"),
                    preheader="{{ offer_in_words }} until {{ offer_expires_on }}.",
                ),
                "sms": OFFER_TEXT,
            },
            variations=(
                spanish(
                    email=email(
                        "{{ customer_first_name }}, hace tiempo que no le vemos",
                        text(
                            "Hola {{ customer_first_name }}:\n\n"
                            "hace tiempo que no le vemos en {{ shop_name }} y nos gustaría que "
                            "volviera."
                        ),
                        OFFER,
                        button("Ver horas libres"),
                    ),
                    sms=sms(
                        "{{ shop_name }}: le echamos de menos, {{ customer_first_name }}. "
                        "{{ offer_in_words }} con {{ offer_code }} (hasta: "
                        "{{ offer_expires_on }}): {{ booking_link }} Responda STOP para salir"
                    ),
                ),
            ),
        ),
    ),
)
