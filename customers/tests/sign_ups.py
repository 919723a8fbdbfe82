"""Short words for tests of signing up."""

from customers import sign_up
from customers.disclosures import shown
from customers.sign_up import Person, Ticked

SAM = Person(first_name="Sam", last_name="Taylor", language="en")


def ticked(shop, channel: str, address: str, *, must_confirm=False) -> Ticked:
    disclosure = shown(shop=shop, channel=channel, language="en")
    return Ticked(address=address, disclosure=disclosure, must_confirm=must_confirm)


def ask(shop, *, now, person=SAM, must_confirm=False, ip="203.0.113.7", **addresses):
    """Somebody signs up: ``ask(shop, now=..., sms="+1212...", email="sam@...")``."""
    boxes = [
        ticked(shop, channel, address, must_confirm=must_confirm)
        for channel, address in addresses.items()
    ]
    return sign_up.request(
        shop=shop, person=person, ticked=boxes, now=now, ip=ip, user_agent="Phone/1"
    )
