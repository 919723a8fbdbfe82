from campaigns.library.blueprint import OFFER, OPENINGS, Blueprint, Step, button, email, sms, text


def _season(name: str, months: list[int], *, subject: str, words: str, short: str) -> dict:
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
            "sms": sms(
                "{{ shop_name }}: " + short + " {{ offer_discount }} off until "
                "{{ offer_expires_on }} with code {{ offer_code }}: {{ booking_link }} "
                "Reply STOP to opt out."
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
                "sms": sms(
                    "{{ shop_name }}: time for a fresh cut, {{ customer_first_name }}. "
                    "{{ offer_discount }} off until {{ offer_expires_on }} with code "
                    "{{ offer_code }}: {{ booking_link }} Reply STOP to opt out."
                ),
            },
            variations=(
                _season(
                    "Holidays",
                    [11, 12],
                    subject="Ready for the holidays, {{ customer_first_name }}?",
                    words="the weeks before the holidays are our busiest: take your time while "
                    "there is a choice, and look the part at every table.",
                    short="look sharp for the holidays, {{ customer_first_name }}.",
                ),
                _season(
                    "Summer",
                    [6, 7, 8],
                    subject="A lighter cut for the summer",
                    words="warm days ask for a shorter cut and a clean neck. We are open all "
                    "summer.",
                    short="a lighter cut for the summer, {{ customer_first_name }}?",
                ),
                _season(
                    "Back to school",
                    [9],
                    subject="Back to school, back in shape",
                    words="the summer is over and it shows. Come in before the week gets full.",
                    short="back in shape after the summer, {{ customer_first_name }}?",
                ),
            ),
        ),
    ),
)
