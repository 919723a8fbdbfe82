"""One person with a row in every table that may hold something about a person."""

import datetime as dt
import itertools

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from analytics.models import Alert
from barbershop import audit, personal_data
from barbershop.models import IdempotencyKey
from barbershop.tests.factories import UserFactory
from campaigns.models import (
    Automation,
    AutomationEnrollment,
    CampaignResponse,
    Offer,
    OfferCode,
    Referral,
)
from campaigns.tests.factories import ExecutionFactory
from communications.models import (
    AttemptDeparture,
    DeliveryAttempt,
    InboundMessage,
    Incident,
    LinkClick,
    ProviderEvent,
    Suppression,
    SuppressionLift,
    TrackedLink,
)
from communications.tests.factories import CommunicationFactory
from customers import consent, identity
from customers.models import (
    Appointment,
    Customer,
    CustomerHealthScore,
    CustomerImport,
    CustomerImportError,
    CustomerSegment,
    CustomerTag,
    OptInRequest,
    SegmentMembership,
    Tag,
)
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

_count = itertools.count(1)


def everything_about(*, shop, mark: str, phone: str, ip: str) -> Customer:
    """A customer whose every personal column holds ``mark``, his phone number or his IP."""
    person = CustomerFactory(
        shop=shop,
        external_id=f"{mark}-id",
        first_name=f"{mark}First",
        last_name=f"{mark}Last",
        email=f"{mark}@example.test",
        phone=phone,
        zip=mark[:12],
        birth_month=2,
        birth_day=3,
        birth_year=1990,
    )
    _at_the_shop(person, mark=mark)
    _consents(person, mark=mark, ip=ip)
    messages = _messages(person, mark=mark)
    _answers(person, messages, mark=mark)
    _campaigns(person, messages)
    _traces(person, messages, mark=mark)
    _plant(person, mark=mark, ip=ip)
    return person


def _at_the_shop(person, *, mark) -> None:
    AppointmentFactory(customer=person, external_id=f"{mark}-visit")
    PaymentFactory(customer=person, external_id=f"{mark}-payment")
    segment, _ = CustomerSegment.objects.get_or_create(shop=person.shop, name="Regulars")
    SegmentMembership.objects.create(
        shop=person.shop,
        segment=segment,
        customer=person,
        entered_at=person.created_at,
        why_entered="the first look",
        left_at=person.created_at,
        why_left="last visit 61 days ago",
    )
    tag, _ = Tag.objects.get_or_create(shop=person.shop, name="regular")
    CustomerTag.objects.create(shop=person.shop, customer=person, tag=tag)
    CustomerHealthScore.objects.create(
        shop=person.shop, customer=person, score=50, stage="active", computed_at=timezone.now()
    )


def _consents(person, *, mark, ip) -> None:
    for channel in ("sms", "email"):
        consent.record(
            customer=person,
            channel=channel,
            decision="opted_in",
            source="paper form",
            given_at=timezone.now(),
            disclosure_text=f"I, {mark}, agree.",
            ip=ip,
            user_agent=f"{mark} browser",
            note=f"{mark} asked",
        )
    OptInRequest.objects.create(
        shop=person.shop,
        customer=person,
        channel="sms",
        address_hmac=person.phone_hmac,
        typed_name=person.full_name,
        source="sign_up_page",
        disclosure_version="sms/1",
        disclosure_text=f"{mark} agrees",
        ip=ip,
        user_agent=f"{mark} browser",
        **dict.fromkeys(("asked_at", "expires_at"), timezone.now()),
    )


def _messages(person, *, mark):
    run = ExecutionFactory(definition__shop=person.shop)
    now = timezone.now()
    call = DeliveryAttempt.objects.create(
        shop=person.shop,
        dispatch=run.dispatch,
        channel="sms",
        state="accepted",
        claimed_at=now,
        lease_until=now,
        sending_at=now,
        call_deadline=now,
        error=f"{mark}: slow",
    )
    common = {"dispatch": run.dispatch, "customer": person}
    sent = CommunicationFactory(**common, channel="sms", send_state="in_call", attempt=call)
    refused = CommunicationFactory(
        **common, send_state="rejected", reason=f"no {mark}@example.test"
    )
    waits = CommunicationFactory(dispatch__shop=person.shop, customer=person)
    AttemptDeparture.objects.create(
        shop=person.shop,
        attempt=call,
        communication=refused,
        outcome="rejected",
        reason="not an address",
        at=now,
    )
    link = TrackedLink.objects.create(
        shop=person.shop, content=sent.content, target="https://shop.example.test/", position=0
    )
    LinkClick.objects.create(
        shop=person.shop, link=link, communication=sent, verdict="person", clicked_at=now
    )
    return run, sent, refused, waits


def _answers(person, messages, *, mark) -> None:
    _, sent, *_ = messages
    at = timezone.now()
    key = f"SM{next(_count)}"
    InboundMessage.objects.create(
        shop=person.shop,
        channel="sms",
        customer=person,
        communication=sent,
        event_key=key,
        address=person.phone,
        address_hmac=person.phone_hmac,
        body=f"It is {mark}, stop",
        received_at=at,
        outcome="stop",
    )
    for name, uuid in ((key, None), (f"status{next(_count)}", sent.uuid)):
        ProviderEvent.objects.create(
            shop=person.shop,
            provider="twilio",
            event_key=name,
            kind="inbound" if uuid is None else "delivered",
            communication_uuid=uuid,
            payload={"From": person.phone, "Body": f"It is {mark}"},
            folded_at=at,
        )
    stopped = Suppression.objects.create(
        shop=person.shop,
        channel="sms",
        address_hmac=person.phone_hmac,
        cause="stop",
        note=f"{mark} said it at the till",
    )
    SuppressionLift.objects.create(
        shop=person.shop, suppression=stopped, reason=f"{mark} replied START."
    )


def _campaigns(person, messages) -> None:
    run, sent, *_ = messages
    shop = person.shop
    visit = Appointment.objects.get(customer=person)
    CampaignResponse.objects.create(
        shop=shop,
        execution=run,
        customer=person,
        communication=sent,
        appointment=visit,
        converted_at=visit.booked_at,
        credited_at=visit.booked_at,
        revenue=3500,
    )
    rule, _ = Automation.objects.get_or_create(shop=shop, kind="welcome", name="Welcome")
    AutomationEnrollment.objects.create(
        shop=shop,
        automation=rule,
        customer=person,
        occurrence_key="welcome",
        entered_at=timezone.now(),
        next_at=timezone.now() + dt.timedelta(days=1),
    )
    offer = Offer.objects.create(shop=shop, name="Ten", kind="percent", value=10)
    OfferCode.objects.create(shop=shop, offer=offer, customer=person, code=f"{person.first_name}1")
    Referral.objects.create(shop=shop, referrer=person, friend=CustomerFactory(shop=shop))


def _traces(person, messages, *, mark) -> None:
    shop, (_, sent, *_) = person.shop, messages
    Incident.objects.create(
        shop=shop, kind="inbound_unclear", communication=sent, detail=f"{mark} wrote"
    )
    Alert.objects.create(
        shop=shop, kind="reply", key=mark[:3], severity="info", title=f"{mark}@example.test wrote"
    )
    audit.record(shop=shop, action="customer.change", target=person, after={"was": mark})
    audit.record(shop=shop, action="tag.delete", before={"of": person.full_name})
    IdempotencyKey.objects.create(
        shop=shop,
        key=f"key{next(_count)}",
        method="POST",
        path="/api/customers",
        body_digest="",
        answered_at=timezone.now(),
        status_code=201,
        response_body=f'{{"id":{person.pk},"first_name":"{person.first_name}"}}',
    )
    LogEntry.objects.create(
        user=UserFactory(),
        content_type=ContentType.objects.get_for_model(Customer),
        object_id=str(person.pk),
        object_repr=person.full_name,
        action_flag=CHANGE,
        change_message=f"{mark} changed",
    )
    CustomerImportError.objects.create(
        shop=shop,
        customer_import=CustomerImport.objects.create(
            shop=shop, filename="people.csv", started_at=timezone.now()
        ),
        line=2,
        column="email",
        message=f"'{mark}@example.test.' is not an email address.",
    )


def _plant(person, *, mark, ip) -> None:
    """Fill what is left empty of each personal column, so that nothing is passed over."""
    who = identity.of(person, until=timezone.now())
    for table in personal_data.holders():
        assert table.rows(who).exists(), f"{table.name} has no row about the person"
        if table.model is Customer:
            continue
        for name in set(table.emptied) - {"reason"}:
            _fill(table, who, table.model._meta.get_field(name), mark=mark, ip=ip)


def _fill(table, who, column, *, mark, ip) -> None:
    rows, name = table.rows(who).order_by(), column.name
    if isinstance(column, models.JSONField):
        rows.filter(Q(**{name: {}}) | Q(**{f"{name}__isnull": True})).update(**{name: {"is": mark}})
    elif isinstance(column, models.GenericIPAddressField):
        rows.filter(**{f"{name}__isnull": True}).update(**{name: ip})
    elif isinstance(column, models.CharField | models.TextField):
        blank = rows.filter(Q(**{name: ""}) | Q(**{f"{name}__isnull": True}))
        for row in list(blank.values_list("pk", flat=True)):
            value = f"{mark} {next(_count)}"[: column.max_length]
            table.model.objects.filter(pk=row).update(**{name: value})


def whole_database() -> str:
    """Every row of every table as text."""
    found = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            found += [f"{name}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)
