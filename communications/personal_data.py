"""What this floor holds about a person; tables about nobody stand in ``impersonal_data``."""

from django.db.models import Case, F, Q, Value, When

from barbershop import personal_data
from barbershop.personal_data import GONE, Person, quoting
from communications import copies, impersonal_data, keeping_out
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    InboundMessage,
    Incident,
    LinkClick,
    ProviderEvent,
    Suppression,
    SuppressionLift,
)
from customers.channels import Channel


def register() -> None:
    personal_data.before_erasure(keeping_out.keep_out)
    personal_data.is_erased_address(keeping_out.erased_addresses)
    impersonal_data.register()
    _messages()
    _answers()
    _suppressions()
    _calls()
    _reports()


def messages_of(person: Person):
    """His messages, and the trials that somebody sent to one of his addresses."""
    to_him = Q(customer=person.customer_id)
    trial = Q(customer=None, address_hmac__in=person.hmacs)
    return CustomerCommunication.objects.filter(to_him | trial, shop=person.shop_id)


def _in_words(column: str) -> When:
    """Where a provider wrote a sentence instead of a code: it may name the address."""
    return When(**{f"{column}__contains": " "}, then=Value("refused"))


def _messages() -> None:
    personal_data.declare(
        CustomerCommunication,
        title="Messages",
        rows=messages_of,
        emptied={
            "address": "",
            "values": {},
            "dedupe_key": None,
            "reason": Case(_in_words("reason"), default=F("reason")),
            "error_code": Case(_in_words("error_code"), default=F("error_code")),
        },
        stays="states, times and costs",
        addresses=("channel", "address", "address_hmac"),
        add=copies.add_texts,
        key="id uuid shop dispatch content customer attempt",
        fact="channel topic send_state queued_at segments delivery proven_at delivered_at "
        "bounced_at opened_at clicked_at replied_at unsubscribed_at complained_at",
        machine="attempt_count not_before window_end machine_opened_at machine_clicked_at",
        shop="cost_micros",
        digest="address_hmac",
    )
    personal_data.declare(
        LinkClick,
        title="Visits to links in messages",
        rows=lambda person: LinkClick.objects.filter(
            shop=person.shop_id, communication__customer=person.customer_id
        ),
        shown={"message": "communication_id", "link": "link__target"},
        key="id shop communication",
        machine="verdict_reason",
        fact="verdict clicked_at",
        shop="link",
    )


def answers_of(person: Person):
    """What he wrote to the shop, until then."""
    from_him = Q(address_hmac__in=person.hmacs, received_at__lte=person.until)
    return InboundMessage.objects.filter(
        Q(customer=person.customer_id) | from_him, shop=person.shop_id
    )


def _answers() -> None:
    personal_data.declare(
        InboundMessage,
        title="Answers",
        rows=answers_of,
        emptied={"address": "", "body": ""},
        addresses=("channel", "address", "address_hmac"),
        key="id shop customer communication event_key",
        staff="decided_by",
        fact="channel received_at outcome decided_as decided_at",
        digest="address_hmac",
    )


def _suppressions() -> None:
    """What staff wrote beside them may name him; nothing else of these rows ever changes."""
    personal_data.declare(
        Suppression,
        title="Addresses that are not written to",
        rows=lambda person: Suppression.objects.filter(
            shop=person.shop_id, address_hmac__in=person.hmacs
        ),
        emptied={"note": ""},
        stays="that it must not be used, and why",
        key="id shop",
        staff="created_by",
        evidence="channel cause created_at",
        digest="address_hmac",
    )
    personal_data.declare(
        SuppressionLift,
        title="Addresses that may be written to again",
        rows=lambda person: SuppressionLift.objects.filter(
            shop=person.shop_id, suppression__address_hmac__in=person.hmacs
        ),
        emptied={"reason": ""},
        stays="when that was",
        key="id shop suppression",
        staff="lifted_by",
        evidence="lifted_at",
    )


def _calls() -> None:
    personal_data.declare(
        AttemptDeparture,
        title="Tries that did not reach the provider",
        is_trace=True,
        rows=lambda person: AttemptDeparture.objects.filter(
            communication__in=messages_of(person).order_by().values("pk")
        ),
        shown={"message": "communication_id"},
        key="id shop attempt communication",
        evidence="outcome reason at",
    )
    personal_data.declare(
        DeliveryAttempt,
        title="Calls to the provider",
        is_trace=True,
        rows=_calls_about,
        emptied={"error": ""},
        key="id uuid shop dispatch account provider_id",
        machine="message_count claimed_at lease_until call_deadline http_status lookups "
        "next_lookup_at",
        shop="sender",
        fact="channel state sending_at answered_at",
        digest="body_digest",
    )


def _calls_about(person: Person):
    """Calls of his texts; of his emails, which have many receivers, those whose error names him."""
    his = messages_of(person).order_by()
    left = AttemptDeparture.objects.filter(communication__in=his.values("pk"))
    calls = DeliveryAttempt.objects.filter(
        Q(pk__in=his.filter(attempt__isnull=False).values("attempt"))
        | Q(pk__in=left.order_by().values("attempt")),
        shop=person.shop_id,
    )
    quoted = quoting(calls, "error", person=person).order_by().values("pk")
    return calls.filter(Q(channel=Channel.SMS) | Q(pk__in=quoted))


def _reports() -> None:
    personal_data.declare(
        ProviderEvent,
        title="Reports of the providers",
        is_trace=True,
        rows=_reports_about,
        emptied={"payload": {}, "error": ""},
        key="id shop event_key communication_uuid attempt_uuid",
        machine="machine_reason received_at folded_at tries quarantined_at",
        fact="provider kind occurred_at",
    )
    personal_data.declare(
        Incident,
        title="Incidents",
        is_trace=True,
        rows=_incidents_about,
        emptied={"detail": GONE},
        key="id shop dispatch attempt communication event",
        staff="resolved_by",
        fact="kind created_at resolved_at",
    )


def _reports_about(person: Person):
    """Reports about his messages, his answers as they came, and what names an address of his.

    Of the last two only what has been understood: an answer may be for another shop, too.
    """
    messages = messages_of(person).order_by()
    about = ProviderEvent.objects.filter(communication_uuid__in=messages.values("uuid"))
    others = ProviderEvent.objects.filter(
        Q(shop=None) | Q(shop=person.shop_id),
        Q(folded_at__isnull=False) | Q(quarantined_at__isnull=False),
        communication_uuid=None,
    )
    keys = {key for key in answers_of(person).values_list("event_key", flat=True) if key}
    keys |= {key.partition(":")[2] for key in keys}
    quoted = quoting(others, "payload", person=person)
    return ProviderEvent.objects.filter(
        Q(pk__in=about.values("pk"))
        | Q(pk__in=others.filter(event_key__in=keys).order_by().values("pk"))
        | Q(pk__in=quoted.order_by().values("pk"))
    )


def _incidents_about(person: Person):
    incidents = Incident.objects.filter(shop=person.shop_id)
    messages = messages_of(person).order_by()
    reports = _reports_about(person).order_by()
    quoted = quoting(incidents, "detail", person=person).order_by()
    return incidents.filter(
        Q(communication__in=messages.values("pk"))
        | Q(event__in=reports.values("pk"))
        | Q(pk__in=quoted.values("pk"))
    )
