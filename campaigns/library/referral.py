from campaigns.library.blueprint import Blueprint, Step, button, email, sms, text

REFERRAL = Blueprint(
    key="referral",
    name="Bring a friend",
    category="referral",
    description="Asks happy customers to bring a friend; both are rewarded after the friend's "
    "first visit.",
    primary_goal="new_customers",
    criteria={"visit_count": {"min": 2}},
    discount_percent=15,
    valid_days=60,
    steps=(
        Step(
            name="Bring a friend",
            delay_days=0,
            channels={
                "email": email(
                    "{{ offer_in_words }} for you and a friend",
                    text(
                        "Hi {{ customer_first_name }},\n\n"
                        "most people find their barber through a friend. This link is yours: send "
                        "it to somebody who has not been here yet. After the first visit you both "
                        "get this: {{ offer_in_words }}."
                    ),
                    button("Your link for friends", "{{ referral_link }}"),
                    text("Thank you for the good word,\n{{ shop_name }}"),
                    preheader="Send your link; both of you save.",
                ),
                "sms": sms(
                    "{{ shop_name }}: {{ offer_in_words }} for you and a friend you send us: "
                    "{{ referral_link }} Reply STOP to end"
                ),
            },
        ),
    ),
)
