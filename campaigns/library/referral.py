from campaigns.library.blueprint import Blueprint, Step

REFERRAL = Blueprint(
    key="referral",
    name="Bring a friend",
    category="referral",
    description="Asks happy customers to bring a friend; both are rewarded.",
    primary_goal="new_customers",
    criteria={"visit_count": {"min": 2}},
    discount_percent=15,
    valid_days=60,
    steps=(
        Step(
            name="Bring a friend",
            delay_days=0,
            channels={
                "email": {
                    "subject": "{{ offer_discount }} off for you and a friend",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "most people find their barber through a friend. Send somebody our way "
                        "before {{ offer_expires_on }} and you both take {{ offer_discount }} off: "
                        "your friend on the first visit, you on your next one. All your friend has "
                        "to do is to give us your name.\n\n"
                        "This is where to book: {{ booking_link }}\n\n"
                        "Thank you for the good word,\n{{ shop_name }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "{{ shop_name }}: bring a friend by {{ offer_expires_on }} and you both "
                        "get {{ offer_discount }} off. Your friend just gives us your name: "
                        "{{ booking_link }} Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
    ),
)
