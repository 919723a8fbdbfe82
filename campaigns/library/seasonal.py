from campaigns.library.blueprint import (
    OFFER,
    OFFER_TEXT,
    OPENINGS,
    Blueprint,
    Step,
    button,
    email,
    text,
)


def _season(name: str, months: list[int], *, subject: str, words: str) -> dict:
    """Emails alone: a text of one part has no room for the season, and stays as it is."""
    return {
        "name": name,
        "criteria": {"sent_in_month": months},
        "channels": {
            "email": email(
                subject,
                text("Hi {{ customer_first_name }},\n\n" + words),
                OFFER,
                OPENINGS,
                button("Book now"),
                text("{{ shop_name }}"),
            ),
        },
    }


SEASONAL = Blueprint(
    key="seasonal",
    name="Seasonal",
    category="seasonal",
    description="One campaign for the whole year: the words follow the month in which it is sent.",
    primary_goal="increase_bookings",
    discount_percent=10,
    valid_days=21,
    steps=(
        Step(
            name="Of the season",
            delay_days=0,
            channels={
                "email": email(
                    "Something fresh at {{ shop_name }}",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "a new season is a good moment for a fresh cut."
                    ),
                    OFFER,
                    OPENINGS,
                    button("Book now"),
                    text("{{ shop_name }}"),
                ),
                "sms": OFFER_TEXT,
            },
            variations=(
                _season(
                    "Holidays",
                    [11, 12],
                    subject="Ready for the holidays, {{ customer_first_name }}?",
                    words="the weeks before the holidays are our busiest: take your time while "
                    "there is a choice, and look the part at every table.",
                ),
                _season(
                    "Summer",
                    [6, 7, 8],
                    subject="A lighter cut for the summer",
                    words="warm days ask for a shorter cut and a clean neck. We are open all "
                    "summer.",
                ),
                _season(
                    "Back to school",
                    [9],
                    subject="Back to school, back in shape",
                    words="the summer is over and it shows. Come in before the week gets full.",
                ),
            ),
        ),
    ),
)
