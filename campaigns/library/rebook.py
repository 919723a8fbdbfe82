from campaigns.library.blueprint import OPENINGS, Blueprint, Step, button, email, sms, text

_BEARD = {
    "name": "Beard",
    "criteria": {"visit_count": {"min": 1, "service_category": "Beard"}},
    "channels": {
        "email": email(
            "Time for a trim, {{ customer_first_name }}?",
            text(
                "Hi {{ customer_first_name }},\n\n"
                "a beard shows a week earlier than hair that it wants attention. "
                "{{ barber_first_name | capitalize }} has time for yours."
            ),
            OPENINGS,
            button("Book a trim"),
            text("{{ shop_name }}"),
        ),
        "sms": sms(
            "{{ shop_name }}: time for a trim, {{ customer_first_name }}? {{ booking_link }} "
            "Reply STOP to end"
        ),
    },
}

REBOOK = Blueprint(
    key="rebook",
    name="Time to rebook",
    category="rebook",
    description="A nudge when somebody is a little over his own usual time between visits and "
    "has nothing booked. No discount: he was coming anyway.",
    primary_goal="increase_bookings",
    criteria={"overdue_ratio": {"min": 1.2, "max": 2}, "has_upcoming_booking": False},
    steps=(
        Step(
            name="Time to rebook",
            delay_days=0,
            channels={
                "email": email(
                    "Your next cut, {{ customer_first_name }}?",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "{% if days_since_last_visit %}your last visit was "
                        "{{ days_since_last_visit }} days ago, about the time when a cut loses its "
                        "line. {% endif %}"
                        "{{ barber_first_name | capitalize }} has a few times free:"
                    ),
                    OPENINGS,
                    button("Choose a time"),
                    text("{{ shop_name }}"),
                ),
                "sms": sms(
                    "{{ shop_name }}: time for a cut, {{ customer_first_name }}? "
                    "{{ booking_link }} Reply STOP to end"
                ),
            },
            variations=(_BEARD,),
        ),
    ),
)
