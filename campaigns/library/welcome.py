from campaigns.library.blueprint import Blueprint, Step

WELCOME = Blueprint(
    key="welcome",
    name="Welcome series",
    category="welcome",
    description="Three emails and a text for new customers: hello, how we work, and a reason to "
    "come back soon.",
    primary_goal="second_visit",
    criteria={"visit_count": {"max": 1}},
    discount_percent=15,
    valid_days=30,
    steps=(
        Step(
            name="Welcome",
            delay_days=0,
            channels={
                "email": {
                    "subject": "Welcome to {{ shop_name }}, {{ customer_first_name }}",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "thank you for choosing {{ shop_name }}. Your chair is ready whenever you "
                        "are: pick a time online and we take care of the rest.\n\n"
                        "Book here: {{ booking_link }}\n\n"
                        "Any question? Call us on {{ shop_phone }}.\n\n"
                        "See you soon,\neveryone at {{ shop_name }}"
                    ),
                    "personalization": True,
                },
                "sms": {
                    "message": (
                        "Welcome to {{ shop_name }}, {{ customer_first_name }}! Book your next "
                        "visit any time: {{ booking_link }} Reply STOP to opt out."
                    ),
                    "personalization": True,
                },
            },
        ),
        Step(
            name="Your first booking",
            delay_days=3,
            channels={
                "email": {
                    "subject": "{{ offer_discount }} off your next visit",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "the second cut is when a barber knows your hair. To make it easy, here is "
                        "{{ offer_discount }} off your next visit, until {{ offer_expires_on }}. "
                        "Mention this email when you come in.\n\n"
                        "Find a time that suits you: {{ booking_link }}\n\n"
                        "{{ shop_name }}"
                    ),
                    "personalization": True,
                }
            },
        ),
        Step(
            name="Keep it fresh",
            delay_days=7,
            channels={
                "email": {
                    "subject": "How to keep your cut sharp for longer",
                    "message": (
                        "Hi {{ customer_first_name }},\n\n"
                        "three small habits keep a cut in shape: wash it two or three times a week "
                        "rather than daily, dry it in the direction it should lie, and come back "
                        "before it has lost its line. For most people that is every three to four "
                        "weeks.\n\n"
                        "{{ barber_first_name }} has time for you: {{ booking_link }}\n\n"
                        "{{ shop_name }}"
                    ),
                    "personalization": True,
                }
            },
        ),
    ),
)
