"""The people behind a number, as a file."""

from django.db import transaction
from django.views.decorators.http import require_GET

from analytics import recipients as messages_of
from analytics.views import wanted_of
from barbershop import audit, csv_export
from barbershop.api.permissions import SEND
from barbershop.pages import shop_page
from campaigns.views import definition_of

COLUMNS = {
    "customer": "customer_id",
    "external_id": "customer__external_id",
    "first_name": "customer__first_name",
    "last_name": "customer__last_name",
    "channel": "channel",
    "address": "address",
    "state": "state",
    "reason": "reason",
    "variant": "content__variant_label",
    "variation": "content__variation",
    "queued_at": "queued_at",
    "accepted_at": "accepted_at",
    "delivered_at": "delivered_at",
    "opened_at": "opened_at",
    "clicked_at": "clicked_at",
    "unsubscribed_at": "unsubscribed_at",
    "revenue": "revenue",
}


@shop_page(needs=SEND)
@require_GET
def recipients_csv(request, pk):
    """The rows of the recipients page with its filters: names and addresses, so for managers."""
    definition = definition_of(request, pk)
    rows = messages_of.of_campaign(definition, wanted_of(request))
    with transaction.atomic():
        audit.record(
            shop=request.shop,
            action="campaign.export",
            by=request.user,
            request=request,
            target=definition,
            after={"rows": rows.count()},
        )
    values = rows.values_list(*COLUMNS.values()).iterator(chunk_size=2_000)
    return csv_export.answer(
        f"recipients-{definition.pk}.csv",
        head=list(COLUMNS),
        rows=([_written(value) for value in row] for row in values),
    )


def _written(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
