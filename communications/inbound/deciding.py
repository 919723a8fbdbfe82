"""A person reads an answer that may mean stop, and says what it means."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from barbershop import audit
from communications.facts import Facts, write
from communications.inbound import effects
from communications.inbound.answer import topics
from communications.models import InboundMessage

Outcome = InboundMessage.Outcome
DECISIONS = frozenset({Outcome.STOP, Outcome.TALK})


def waiting(shop) -> QuerySet[InboundMessage]:
    """The answers that a person has to read."""
    return InboundMessage.objects.for_shop(shop).filter(outcome=Outcome.HELD, decided_at=None)


@transaction.atomic
def decide(
    message: InboundMessage,
    *,
    as_: str,
    by,
    now: dt.datetime | None = None,
    token=None,
    request=None,
) -> bool:
    """Say what a held answer means. False when somebody has said it already.

    As "stop" it is an opt-out of the moment at which it came, and settles the other held answers of
    that address. As "talk" marketing goes again, unless another held answer still waits.

    Args:
        as_: "stop" or "talk".
        by, token: who read it.
    """
    if as_ not in DECISIONS:
        raise ValueError(f"An answer means stop or talk, not {as_!r}.")
    now = now or timezone.now()
    # Of one address together, so that of two people who decide at once the second sees the first.
    together = waiting(message.shop_id).filter(
        channel=message.channel, address_hmac=message.address_hmac
    )
    held = list(together.select_for_update().order_by("pk").values_list("pk", flat=True))
    won = together.filter(pk=message.pk).update(decided_as=as_, decided_at=now, decided_by=by)
    if not won:
        return False
    about, shops = (message.channel, message.address_hmac), [message.shop_id]
    if as_ == Outcome.STOP:
        answered = [message.communication] if message.communication else []
        write({one.uuid: Facts(times={"unsubscribed_at": message.received_at}) for one in answered})
        effects.stop(
            *about,
            shops=shops,
            topics=topics(message.channel, answered),
            at=message.received_at,
            now=now,
            by=by,
        )
    elif held == [message.pk]:
        effects.release(*about, shops=shops, reason="Read: it does not mean stop.", by=by)
    audit.record(
        shop=message.shop,
        action=f"reply.{as_}",
        by=by,
        token=token,
        target=message,
        after={"channel": message.channel, "decided_as": str(as_), "held": len(held)},
        request=request,
        now=now,
    )
    return True
