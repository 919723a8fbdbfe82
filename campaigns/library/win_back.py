from campaigns.library.blueprint import Blueprint, Step

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
                "email": {
                    "subject": "{{ customer_first_name }}, it has been a while",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "it has been some time since we last saw you at {{ shop_name }}, and "
                        "{{ barber_first_name }} would be glad to have you back. Come in by "
                        "{{ offer_expires_on }} and take {{ offer_discount }} off: just mention "
                        "this email.\n\n"
                        "See what is free: {{ booking_link }}\n\n"
                        "{{ shop_name }}, {{ shop_phone }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "{{ shop_name }}: {{ customer_first_name }}, {{ barber_first_name }} saved "
                        "you a chair. {{ offer_discount }} off until {{ offer_expires_on }}: "
                        "{{ booking_link }} Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
    ),
)
