from campaigns.library.blueprint import OPENINGS, Blueprint, Step, button, email, sms, text

FILL_A_CHAIR = Blueprint(
    key="fill_a_chair",
    name="Fill a chair",
    category="fill_a_chair",
    description="Offers the next free times to people who are due and have nothing booked.",
    primary_goal="fill_empty_chairs",
    criteria={"overdue_ratio": {"min": 1}, "has_upcoming_booking": False},
    steps=(
        Step(
            name="Free times",
            delay_days=0,
            channels={
                "email": email(
                    "A chair is free for you",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "a few times have come free with {{ barber_first_name }}. First come, "
                        "first served."
                    ),
                    OPENINGS,
                    button("Take one"),
                    text("{{ shop_name }}"),
                ),
                "sms": sms(
                    "{{ shop_name }}: {{ customer_first_name }}, {{ barber_first_name }} has time: "
                    "{{ booking_link }} Reply STOP to end"
                ),
            },
        ),
    ),
)
