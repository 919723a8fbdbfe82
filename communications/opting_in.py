"""Opting in, by whatever way it comes, and what it ends.

A proven opt-in ends what only the person himself had begun: an unsubscription or a STOP of this
address at this shop, from before he said so. Never a complaint, a bounce, a refusal of the
provider, an erasure or what the shop wants (docs/consent.md). It counts as his own word when it
came from the address (a reply, a link that was sent to it) or when a person of the shop vouches
for it with the wording that was signed. A form that anybody can fill in is not enough.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from barbershop import audit
from barbershop.models import Barbershop
from communications import confirmations, may_write, suppressions
from communications.compliance import annotate_refusal
from communications.models import Suppression
from customers import consent, kept_out, sign_up
from customers.addresses import address_hmac
from customers.channels import Channel, Topic
from customers.consent import Statement
from customers.disclosures import Disclosure, shown
from customers.models import ContactConsent, Customer, OptInRequest
from customers.sign_up import Person, Ticked

Cause = Suppression.Cause
OWN = frozenset({Cause.UNSUBSCRIBED, Cause.STOP})
REASONS = {
    "reply": "Confirmed the sign-up by a reply from the number.",
    "link": "Confirmed the sign-up by the link sent to the address.",
    "page": "Opted in again on the page behind the link in a message.",
    "staff": "Opted in again; the shop has the proof.",
}


@transaction.atomic
def by_page(
    *,
    shop: Barbershop,
    person: Person,
    addresses: Mapping[str, str],
    now: dt.datetime,
    ip: str | None = None,
    user_agent: str = "",
    came_by: str = "",
    words: Mapping[str, Disclosure] | None = None,
) -> list[OptInRequest]:
    """Somebody fills in the public sign-up page.

    Args:
        addresses: by channel the normalised address whose box was ticked.
        words: by channel what stood beside the box, where that is known to have been other words
            than those that stand there now.
        came_by: as in ``sign_up.request``.

    Returns:
        The requests made. An address that was signed up too often lately is passed over in
        silence: the page answers the same, whatever is known of an address.
    """
    ticked = [
        Ticked(
            address=address,
            disclosure=(words or {}).get(channel)
            or shown(shop=shop, channel=channel, language=person.language),
            must_confirm=must_confirm(shop, channel=channel, address=address),
        )
        for channel, address in addresses.items()
        if not sign_up.is_too_often(address=address, now=now)
    ]
    if not ticked:
        return []
    requests = sign_up.request(
        shop=shop,
        person=person,
        ticked=ticked,
        ip=ip,
        user_agent=user_agent,
        came_by=came_by,
        now=now,
    )
    for asked in requests:
        if asked.confirmed_at is None:
            confirmations.send(asked, language=person.language, now=now)
    return requests


def must_confirm(shop: Barbershop, *, channel: str, address: str) -> bool:
    """Whether a sign-up counts only after a word from the address itself."""
    asks = shop.sms_double_opt_in if channel == Channel.SMS else shop.email_double_opt_in
    return asks or _own(shop, channel, address_hmac(address)).exists()


@transaction.atomic
def by_link(
    uuid: UUID, *, now: dt.datetime, ip: str | None = None, user_agent: str = ""
) -> list[ContactConsent]:
    """The button behind a confirmation email's link."""
    entries = sign_up.confirm_by_link(uuid, now=now, ip=ip, user_agent=user_agent)
    lift_own(entries, how="link", now=now)
    return entries


@transaction.atomic
def by_reply(
    *, address_hmac: str, shop_ids: Iterable[int], at: dt.datetime, now: dt.datetime
) -> set[int]:
    """A reply of YES: the ids of the customers whose sign-up it confirms."""
    entries = sign_up.confirm_by_reply(
        address_hmac=address_hmac, shop_ids=set(shop_ids), at=at, now=now
    )
    lift_own(entries, how="reply", now=now)
    return {entry.customer_id for entry in entries}


@transaction.atomic
def by_staff(
    customer: Customer,
    *,
    disclosure: Disclosure,
    given_at: dt.datetime,
    source: str,
    by,
    note: str = "",
    now: dt.datetime,
    request=None,
) -> ContactConsent:
    """A person of the shop vouches for an opt-in: signed paper, say. Stands in the audit log.

    Raises:
        ValueError: without the wording, it is no proof.
    """
    if not disclosure.text.strip():
        raise ValueError("An opt-in needs the wording that was shown.")
    entry = consent.record(
        customer=customer,
        channel=disclosure.channel,
        decision=ContactConsent.Decision.OPTED_IN,
        source=source,
        given_at=given_at,
        disclosure_text=disclosure.text,
        disclosure_version=disclosure.version,
        note=note,
        by=by,
        now=now,
    )
    lift_own([entry], how="staff", by=by, now=now)
    audit.record(
        shop=customer.shop,
        action="customer.opt_in",
        by=by,
        target=customer,
        after={"channel": entry.channel, "topic": entry.topic, "consent": entry.pk},
        request=request,
        now=now,
    )
    return entry


def what_holds(entry: ContactConsent) -> list[str]:
    """Why no offer goes in spite of this opt-in, in words; nothing when the gate lets it go."""
    people = Customer.objects.filter(pk=entry.customer_id)
    asked = annotate_refusal(people, shop=entry.shop, channel=entry.channel, topic=Topic.MARKETING)
    asked = consent.annotate_decision(asked, channel=entry.channel, alias="said")
    refusal, said = asked.values_list("refusal", "said").get()
    if not refusal:
        return []
    active = Suppression.objects.for_shop(entry.shop_id).active()
    causes = active.filter(channel=entry.channel, address_hmac=entry.address_hmac)
    found = {Cause(cause).label for cause in causes.values_list("cause", flat=True)}
    latest = entry.customer.consents.latest().get(channel=entry.channel, topic=entry.topic)
    if latest.decision == ContactConsent.Decision.OPTED_OUT:
        found.add("Opted out after it was signed")
    if kept_out.count([entry.customer], shop=entry.shop):
        found.add("Asked to be erased")
    return sorted(found) or [may_write.in_words(refusal, said).capitalize()]


def record_own(statements: Iterable[Statement], *, now: dt.datetime) -> list[ContactConsent]:
    """What the receiver of a message says on the page behind its link, about that address."""
    entries = consent.record_many(statements, now=now)
    lift_own(entries, how="page", now=now)
    return entries


def lift_own(entries: Iterable[ContactConsent], *, how: str, now: dt.datetime, by=None) -> int:
    """End what these opt-ins take back; in their transaction, as its last step.

    Returns:
        How many suppressions ended.
    """
    lifted = 0
    for entry in entries:
        if entry.decision != ContactConsent.Decision.OPTED_IN:
            continue
        begun = _own(entry.shop, entry.channel, entry.address_hmac)
        if entry.topic != Topic.MARKETING:
            # Reminders pass an unsubscription anyway; it is about offers.
            begun = begun.filter(cause=Cause.STOP)
        # What he said after the opt-in stays said.
        for suppression in begun.filter(created_at__lte=entry.given_at):
            if suppressions.lift(suppression, reason=REASONS[how], by=by):
                lifted += 1
                _tell(suppression, entry=entry, how=how, by=by, now=now)
    return lifted


def _own(shop: Barbershop, channel: str, hmac: str):
    active = Suppression.objects.for_shop(shop).active()
    return active.filter(channel=channel, address_hmac=hmac, cause__in=OWN).order_by("pk")


def _tell(suppression, *, entry, how, by, now) -> None:
    audit.record(
        shop=suppression.shop,
        action="suppression.lift",
        by=by,
        target=suppression,
        after={"how": how, "cause": suppression.cause, "consent": entry.pk},
        now=now,
    )
