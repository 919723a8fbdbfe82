"""How many test messages a shop may send on one day of its calendar, counted in the ledger."""

import datetime as dt

from django.conf import settings

from barbershop.models import Barbershop
from campaigns.refusals import Conflict
from communications.models import CustomerCommunication, Dispatch

DAY = dt.timedelta(days=1)


def check(shop: Barbershop, *, more: int, now: dt.datetime) -> None:
    """Refuse so many more test messages when they would be too many today.

    Must run in the transaction that writes them: of two tests at once the second waits and counts
    those of the first.

    Raises:
        Conflict: ``test_limit``; it says how many may go today, and when more may.
    """
    if not more:
        return
    Barbershop.objects.select_for_update(of=("self",), no_key=True).get(pk=shop.pk)
    today = now.astimezone(shop.zone).date()
    sent = _sent(shop, since=dt.datetime.combine(today, dt.time.min, tzinfo=shop.zone))
    most = settings.SHOP_TEST_MESSAGES_PER_DAY
    left = most - sent
    if more <= left:
        return
    first = f"Send to {left} at most, or wait" if left > 0 else "Wait"
    raise Conflict(
        "test_limit",
        f"A shop may send {most:,} test messages a day; {sent:,} were sent today, and {more:,} "
        f"more were asked for. {first} until {today + DAY:%B %-d}, 00:00 ({shop.timezone}).",
    )


def _sent(shop: Barbershop, *, since: dt.datetime) -> int:
    """Without those that were blocked."""
    tests = Dispatch.objects.for_shop(shop).filter(kind=Dispatch.Kind.TEST, created_at__gte=since)
    rows = CustomerCommunication.objects.for_shop(shop).filter(
        # Read first: the database is not to look through a large shop's whole ledger.
        dispatch__in=list(tests.values_list("pk", flat=True))
    )
    return rows.exclude(send_state=CustomerCommunication.SendState.BLOCKED).count()
