from campaigns.library.blueprint import (
    OFFER,
    OFFER_TEXT,
    OPENINGS,
    Blueprint,
    Step,
    button,
    email,
    sms,
    text,
)

VIP = Blueprint(
    key="vip",
    name="VIP",
    category="vip",
    description="Thanks to your best customers: an offer of their own, and new services first.",
    primary_goal="reward_loyalty",
    criteria={"spending_tier": "high"},
    discount_percent=20,
    valid_days=30,
    steps=(
        Step(
            name="Exclusive offer",
            delay_days=0,
            channels={
                "email": email(
                    "A thank-you for our regulars",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "you are one of the people who keep {{ shop_name }} going, and we would "
                        "like to say thank you. We did not announce this anywhere else:"
                    ),
                    OFFER,
                    button("Book with your offer"),
                    text("With thanks,\n{{ shop_name }}"),
                    preheader="{{ offer_in_words }}, for our regulars alone.",
                ),
                "sms": OFFER_TEXT,
            },
        ),
        Step(
            name="Early access",
            delay_days=14,
            channels={
                "email": email(
                    "Be the first to try what is new",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "we are adding new services at {{ shop_name }}, and our regulars get the "
                        "first appointments before anybody else can book them."
                    ),
                    OPENINGS,
                    button("Take a look"),
                    text("{{ barber_first_name | capitalize }} and everyone at {{ shop_name }}"),
                ),
                "sms": sms(
                    "{{ shop_name }}: first pick of our new services: {{ booking_link }} "
                    "Reply STOP to end"
                ),
            },
        ),
    ),
)
