from campaigns.library.blueprint import Blueprint, Step, button, email, sms, text

REVIEW = Blueprint(
    key="review",
    name="Review request",
    category="review",
    description="Asks for a review on the evening of a visit, from the second visit on; never "
    "after a missed one.",
    primary_goal="more_reviews",
    criteria={"visit_count": {"min": 2}, "last_visit_days": {"max": 0}},
    steps=(
        Step(
            name="How was it?",
            delay_days=0,
            channels={
                "email": email(
                    "How was your visit, {{ customer_first_name }}?",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "thank you for coming in today. If you have a minute, tell others how it "
                        "was: reviews are how people find a small shop like ours."
                    ),
                    button("Leave a review", "{{ review_link }}"),
                    text(
                        "Something was not right? Just reply to this email and we will make it "
                        "right.\n\n{{ shop_name }}"
                    ),
                ),
                "sms": sms(
                    "{{ shop_name }}: thanks, {{ customer_first_name }}! Would you review us? "
                    "{{ review_link }} Reply STOP to end"
                ),
            },
        ),
    ),
)
