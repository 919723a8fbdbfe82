"""The one message that asks whoever signed up to say so again, from his own address."""

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from communications import outbox
from communications.models import Dispatch
from communications.tasks import send_due
from customers.channels import Channel, Topic
from customers.models import OptInRequest
from customers.sign_up import ADDRESS_FIELD

logger = logging.getLogger(__name__)


def send(asked: OptInRequest, *, language: str, now) -> Dispatch:
    """Put the confirmation of one sign-up into the outbox: a dispatch of its own. In a transaction.

    It is an answer to the person's own act and no advertisement, so it is transactional: it needs
    no consent, but what was stopped or complained about is not written to.
    """
    customer = asked.customer
    with translation.override(language):
        subject, text = _words(asked)
    dispatch = outbox.open_dispatch(shop=asked.shop, kind=Dispatch.Kind.TRANSACTIONAL)
    content = outbox.add_content(
        dispatch=dispatch, channel=asked.channel, subject=subject, text=text
    )
    recipient = outbox.Recipient(
        customer_id=customer.pk,
        channel=asked.channel,
        address=getattr(customer, ADDRESS_FIELD[Channel(asked.channel)]),
        address_hmac=asked.address_hmac,
        content_id=content.pk,
    )
    outbox.queue(dispatch=dispatch, recipients=[recipient], topic=Topic.APPOINTMENTS, now=now)
    outbox.run(dispatch, now=now)
    transaction.on_commit(partial(_hint, dispatch.pk))
    return dispatch


def confirm_url(asked: OptInRequest) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse('join-confirm', args=[asked.uuid])}"


def _words(asked: OptInRequest) -> tuple[str, str]:
    """Subject and text. The shop's name is a merge field: what it holds is never expanded."""
    if asked.channel == Channel.SMS:
        # Letters of the texts' own alphabet only, so that it stays one part in every language.
        return "", _(
            "{{ shop_name }}: Reply YES to get recurring automated marketing texts. Msg frequency "
            "varies. Msg & data rates may apply. Reply HELP for help, STOP to opt out."
        )
    text = _(
        "Somebody, most likely you, asked {{ shop_name }} to send offers and news to this "
        "address.\n\nTo confirm, open this page within three days and press the button:\n"
    )
    otherwise = _("If it was not you, do nothing: without your confirmation nothing is sent.")
    subject = _("Please confirm: emails from {{ shop_name }}")
    return subject, f"{text}{confirm_url(asked)}\n\n{otherwise}"


def _hint(dispatch_id: int) -> None:
    try:
        send_due.delay()
    except Exception:  # the broker may fail in any way, and beat sends it a little later
        logger.warning("No hint for dispatch %s: the broker is away", dispatch_id, exc_info=True)
