"""A row of any model for the pages of admin, with every relation filled that may be filled.

A list that asks the database once more per row shows it only where the row has something to ask.
"""

import datetime as dt
import itertools
from contextlib import nullcontext

from django.db import models
from django.utils import timezone

from barbershop.models import AppendOnly, Barbershop, ClosedDay, User
from barbershop.tests import rows
from barbershop.tests.factories import ShopFactory, UserFactory
from barbershop.tests.tampering import unguarded
from campaigns.models import (
    Automation,
    AutomationEnrollment,
    AutomationStep,
    CampaignResponse,
    CampaignVariant,
    Offer,
    OfferCode,
)
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication, DeliveryAttempt
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers.models import ContactConsent, CustomerHealthScore, VisitSummary
from customers.tests.factories import AppointmentFactory, CustomerFactory

_day = itertools.count()


def build(model, *, shop):
    """A row of the model in the shop; related rows are in the shop as well."""
    special = _SPECIAL.get(model)
    row = special(shop) if special else rows.make(model, shop=shop)
    if model not in _WHOLE:
        _fill_relations(row, shop)
    return model._base_manager.get(pk=row.pk)


def _fill_relations(row, shop) -> None:
    empty = {
        field.name: UserFactory() if field.related_model is User else _one(field, shop)
        for field in row._meta.concrete_fields
        if field.is_relation and field.null and getattr(row, field.attname) is None
    }
    if empty:
        # Evidence refuses an update, in the model and in the database.
        with unguarded(row._meta.db_table) if isinstance(row, AppendOnly) else nullcontext():
            models.QuerySet(type(row)).filter(pk=row.pk).update(**empty)


def _one(field, shop):
    return shop if field.related_model is Barbershop else build(field.related_model, shop=shop)


def _closed_day(shop):
    return ClosedDay.objects.create(shop=shop, on=dt.date(2027, 1, 1) + dt.timedelta(next(_day)))


def _variant(shop):
    return DefinitionFactory(shop=shop).variants.get()


def _automation(shop):
    return Automation.objects.get_or_create(shop=shop, kind="welcome", defaults={"name": "W"})[0]


def _step(shop):
    return AutomationStep.objects.create(
        shop=shop,
        automation=_automation(shop),
        position=next(_day),
        definition=DefinitionFactory(shop=shop),
    )


def _enrollment(shop):
    return AutomationEnrollment.objects.create(
        shop=shop,
        automation=_automation(shop),
        customer=CustomerFactory(shop=shop),
        occurrence_key="welcome",
        entered_at=timezone.now(),
    )


def _communication(shop):
    dispatch = DispatchFactory(shop=shop)
    now = timezone.now()
    attempt = DeliveryAttempt.objects.create(
        shop=shop, dispatch=dispatch, channel="email", claimed_at=now, lease_until=now
    )
    return CommunicationFactory(dispatch=dispatch, attempt=attempt, send_state="in_call")


def _response(shop):
    execution = ExecutionFactory(definition__shop=shop)
    message = CommunicationFactory(dispatch=execution.dispatch)
    now = timezone.now()
    return CampaignResponse.objects.create(
        shop=shop,
        execution=execution,
        customer=message.customer,
        variant=execution.definition.variants.get(),
        communication=message,
        appointment=AppointmentFactory(customer=message.customer),
        converted_at=now,
        credited_at=now,
        revenue=3500,
    )


def _consent(shop):
    customer = CustomerFactory(shop=shop)
    return ContactConsent.objects.create(
        shop=shop,
        customer=customer,
        seq=1,
        channel="email",
        decision="opted_in",
        source="form",
        given_at=timezone.now(),
        hash="h",
    )


def _offer(shop):
    return Offer.objects.create(shop=shop, name="Less", kind="percent", value=20)


def _offer_code(shop):
    return OfferCode.objects.create(
        shop=shop, offer=_offer(shop), code=f"LESS{next(_day)}", redeemed_at=timezone.now()
    )


def _health(shop):
    return CustomerHealthScore.objects.create(
        shop=shop,
        customer=CustomerFactory(shop=shop),
        score=80,
        stage="active",
        computed_at=timezone.now(),
    )


def _summary(shop):
    return AppointmentFactory(customer=CustomerFactory(shop=shop)).customer.visit_summary


_SPECIAL = {
    VisitSummary: _summary,
    Offer: _offer,
    OfferCode: _offer_code,
    CustomerHealthScore: _health,
    Barbershop: lambda shop: shop or ShopFactory(),
    ClosedDay: _closed_day,
    CampaignVariant: _variant,
    Automation: _automation,
    AutomationStep: _step,
    AutomationEnrollment: _enrollment,
    CustomerCommunication: _communication,
    CampaignResponse: _response,
    ContactConsent: _consent,
}
# Models whose empty relations mean something, or that a relation would make invalid.
_WHOLE = {CustomerCommunication, CampaignResponse, Barbershop, User}
