"""What one person did with the messages of one run, over all channels."""

from collections.abc import Iterable

from django.db.models import Min

from campaigns.models import CampaignResponse
from communications.models import CustomerCommunication

TIMES = (
    "delivered_at",
    "bounced_at",
    "opened_at",
    "clicked_at",
    "replied_at",
    "unsubscribed_at",
    "complained_at",
)


def attach(responses: Iterable[CampaignResponse]) -> list[CampaignResponse]:
    """Give each response ``engagement``: the first time of each kind, in one query for all.

    The responses must have been selected with their execution.
    """
    responses = list(responses)
    rows = (
        CustomerCommunication.objects.filter(
            dispatch__in={response.execution.dispatch_id for response in responses},
            customer__in={response.customer_id for response in responses},
        )
        .order_by()
        .values("dispatch", "customer")
        .annotate(**{f"first_{name}": Min(name) for name in TIMES})
    )
    found = {(row["dispatch"], row["customer"]): row for row in rows}
    for response in responses:
        row = found.get((response.execution.dispatch_id, response.customer_id), {})
        response.engagement = {name: row.get(f"first_{name}") for name in TIMES}
    return responses
