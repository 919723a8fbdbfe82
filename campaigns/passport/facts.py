"""The passport, put together: flat words and numbers that JSON and a page show alike.

Times are aware datetimes in UTC. Nothing is judged anew: it is what was stored when it happened.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from barbershop import audit
from campaigns.passport import evidence, message
from communications.models import CustomerCommunication
from customers.models import Customer


class NotHis(Exception):
    """The message is not one to this customer."""


def of(
    customer: Customer,
    *,
    communication: UUID | None = None,
    by=None,
    token=None,
    request=None,
    now: dt.datetime,
) -> dict:
    """Everything about one customer, and about one message to him when it is named.

    Looking is itself recorded in the audit log.

    Raises:
        NotHis: when there is no such message to this customer.
    """
    row = _message(customer, communication) if communication else None
    with transaction.atomic():
        found = {
            "made_at": now,
            "customer": _customer(customer),
            "shop": _shop(customer.shop),
            "consent": evidence.consent_of(customer),
            "sign_ups": evidence.sign_ups_of(customer),
            "suppressions": evidence.suppressions_of(customer),
            "answers": evidence.answers_of(customer),
            "message": message.of(row, customer=customer) if row else None,
        }
        audit.record(
            shop=customer.shop,
            action="customer.passport",
            by=by,
            token=token,
            target=customer,
            after={"communication": str(communication)} if communication else None,
            request=request,
            now=now,
        )
    return found


def _message(customer: Customer, uuid: UUID) -> CustomerCommunication:
    mine = CustomerCommunication.objects.for_shop(customer.shop).filter(customer=customer)
    chosen = mine.with_state().select_related(
        "content", "dispatch__created_by", "dispatch__shop", "attempt"
    )
    row = chosen.filter(uuid=uuid).first()
    if row is None:
        raise NotHis(f"There is no message {uuid} to this customer.")
    return row


def _customer(customer: Customer) -> dict:
    names = (
        "id",
        "external_id",
        "first_name",
        "last_name",
        "email",
        "email_hmac",
        "phone",
        "phone_hmac",
        "timezone",
        "zip",
        "language",
        "source",
        "created_at",
        "erased_at",
    )
    return {name: getattr(customer, name) for name in names}


def _shop(shop) -> dict:
    """The shop's rules as they are now; they are not kept by message."""
    names = (
        "id",
        "name",
        "postal_address",
        "timezone",
        "sms_window_start",
        "sms_window_end",
        "cap_messages",
        "cap_sms",
        "cap_period_days",
        "sms_double_opt_in",
        "email_double_opt_in",
    )
    return {name: getattr(shop, name) for name in names}
