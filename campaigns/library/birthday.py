from campaigns.library.blueprint import Blueprint, Step

BIRTHDAY = Blueprint(
    key="birthday",
    name="Birthday wishes",
    category="birthday",
    description="A greeting with a present, by email and text.",
    primary_goal="increase_bookings",
    discount_percent=25,
    valid_days=30,
    steps=(
        Step(
            name="Birthday wishes",
            delay_days=0,
            channels={
                "email": {
                    "subject": "Happy birthday, {{ customer_first_name }}!",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "happy birthday from all of us at {{ shop_name }}! Our present: "
                        "{{ offer_discount }} off any service until {{ offer_expires_on }}. Just "
                        "mention your birthday when you come in.\n\n"
                        "Choose your time: {{ booking_link }}\n\n"
                        "Have a great year,\neveryone at {{ shop_name }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "Happy birthday from {{ shop_name }}, {{ customer_first_name }}! Enjoy "
                        "{{ offer_discount }} off until {{ offer_expires_on }}: {{ booking_link }} "
                        "Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
    ),
)
