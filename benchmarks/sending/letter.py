"""The one letter that everybody sends: a name, a barber, and two links of each person's own."""

SUBJECT = "{{ customer_first_name }}, a chair is free for you"
TEXT = """Hi {{ customer_first_name }},

it has been a while since {{ barber_first_name }} saw you. This week there is 20 % off for regulars
like you: a cut, a hot towel and a beard trim, Tuesday to Saturday from nine in the morning.

Book here: {{ booking_link }}

Until soon,
{{ shop_name }}
"""
FOOTER = (
    "Main Street Barbers\n1 Main Street, Springfield, NY 10001\nUnsubscribe: {{ unsubscribe_link }}"
)
# What the product makes of the text by itself, for those who write their own.
HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Main Street Barbers</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f1ea;font-family:Arial,Helvetica,sans-serif">
<div style="max-width:600px;margin:0 auto;background:#ffffff;border-radius:8px;overflow:hidden">
<div style="padding:16px 24px;color:#ffffff;font-size:18px;font-weight:bold">{{ shop_name }}</div>
<div style="padding:24px;font-size:16px;line-height:1.5">
<p>Hi {{ customer_first_name }},</p>
<p>it has been a while since {{ barber_first_name }} saw you. This week there is 20 % off for
regulars like you: a cut, a hot towel and a beard trim, Tuesday to Saturday from nine in the
morning.</p>
<p>Book here: <a href="{{ booking_link }}">https://book.example.com/</a></p>
<p>Until soon,<br>{{ shop_name }}</p></div>
<div style="padding:16px 24px;font-size:12px;border-top:1px solid #e6e1d6">Main Street Barbers<br>
1 Main Street, Springfield, NY 10001<br><a href="{{ unsubscribe_link }}">Unsubscribe</a></div>
</div></body></html>
"""
FIELDS = (
    "customer_first_name",
    "barber_first_name",
    "booking_link",
    "shop_name",
    "unsubscribe_link",
)


def values(*, first_name: str, barber: str, token: str) -> dict[str, str]:
    """The merge fields of one person."""
    return {
        "customer_first_name": first_name,
        "barber_first_name": barber,
        "booking_link": f"https://campaigns.example.com/c/{token}/",
        "shop_name": "Main Street Barbers",
        "unsubscribe_link": f"https://campaigns.example.com/u/{token}/",
    }
