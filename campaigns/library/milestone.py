from campaigns.library.blueprint import OFFER, Blueprint, Step, button, email, heading, sms, text

MILESTONE = Blueprint(
    key="milestone",
    name="Milestones",
    category="milestone",
    description="Marks the fifth, tenth and twenty-fifth visit.",
    primary_goal="reward_loyalty",
    criteria={
        "any": [{"visit_count": {"min": count, "max": count}} for count in (5, 10, 25)],
        "last_visit_days": {"max": 7},
    },
    discount_percent=20,
    valid_days=45,
    steps=(
        Step(
            name="A milestone",
            delay_days=0,
            channels={
                "email": email(
                    "That was visit number {{ visit_count }}!",
                    heading("Visit number {{ visit_count }}"),
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "{% case visit_count %}"
                        "{% when 5 %}five cuts in: by now we know each other."
                        "{% when 10 %}ten visits make you one of our regulars."
                        "{% when 25 %}twenty-five visits! You are a part of this place."
                        "{% else %}thank you for coming back again and again."
                        "{% endcase %} Here is a thank-you for the next one:"
                    ),
                    OFFER,
                    button("Book your next visit"),
                    text("{{ shop_name }}"),
                ),
                # Of people who have just been here: the thanks are worth more than a link.
                "sms": sms(
                    "{{ shop_name }}: visit number {{ visit_count }}, {{ customer_first_name }}, "
                    "thank you! {{ offer_in_words }} until {{ offer_expires_on }} with code "
                    "{{ offer_code }}. Reply STOP to end"
                ),
            },
        ),
    ),
)
