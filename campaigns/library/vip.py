from campaigns.library.blueprint import Blueprint, Step

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
                "email": {
                    "subject": "A thank-you for our regulars",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "you are one of the people who keep {{ shop_name }} going, and we would "
                        "like to say thank you: {{ offer_discount }} off your next visit, until "
                        "{{ offer_expires_on }}. We did not announce it anywhere else.\n\n"
                        "Book here and mention this email: {{ booking_link }}\n\n"
                        "With thanks,\n{{ shop_name }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "{{ shop_name }}: thank you for your loyalty, {{ customer_first_name }}. "
                        "{{ offer_discount }} off your next visit until {{ offer_expires_on }}: "
                        "{{ booking_link }} Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
        Step(
            name="Early access",
            delay_days=14,
            channels={
                "email": {
                    "subject": "Be the first to try what is new",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "we are adding new services at {{ shop_name }}, and our regulars get the "
                        "first appointments before anybody else can book them.\n\n"
                        "Have a look and take your time slot: {{ booking_link }}\n\n"
                        "{{ barber_first_name }} and everyone at {{ shop_name }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "{{ shop_name }}: new services, and you get the first appointments, "
                        "{{ customer_first_name }}: {{ booking_link }} Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
    ),
)
