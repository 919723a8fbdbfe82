"""The home page in words: its cards and its checklist."""

from dataclasses import dataclass
from functools import partial

from django.db.models import Sum
from django.urls import reverse

from analytics import metrics
from analytics.overview import Figure, Overview
from barbershop.currencies import minor_units
from barbershop.templatetags.ui import MINUS, NOTHING, compact, money, percent
from campaigns.models import CampaignDefinition, CampaignExecution, OfferCode
from communications.models import CustomerCommunication, Dispatch
from customers.models import Customer

PERIODS = ("7", "30", "90")  # days
TIMES = "\u00d7"


@dataclass(frozen=True)
class Kpi:
    """One card; see ``components/_kpi.html``."""

    label: str
    value: str
    href: str
    formula: str
    denominator: str = ""
    change: str = ""
    direction: str = ""
    tone: str = ""
    compared_to: str = ""
    aside: str = ""
    note: str = ""
    help_id: str = ""


@dataclass(frozen=True)
class Task:
    """One line of the checklist."""

    label: str
    is_done: bool
    href: str


def kpis(found: Overview, *, cost: int, days: str) -> list[Kpi]:
    """Bookings, revenue with its return, reach, opt-outs; each links to its rows."""
    before = f"than the {days} days before"
    card = partial(_card, before=before)
    return [
        card(
            "Bookings from campaigns",
            found.bookings,
            compact,
            href=_messages(days, "booked"),
            formula="Appointments credited to a message, by the day on which they were booked.",
            denominator="nothing: it is a count; each booking is counted once in the whole shop.",
        ),
        card(
            "Revenue credited",
            found.revenue,
            partial(money, currency=found.currency),
            href=_messages(days, "booked"),
            formula=f"Value of the credited bookings. Return = (revenue {MINUS} cost) ÷ cost.",
            denominator=f"{money(cost, found.currency)}: what the messages of the period cost, and "
            "the discounts given in it.",
            aside=f"Return {times(metrics.roi(revenue=int(found.revenue.current), cost=cost))}",
        ),
        card(
            "Customers reached",
            found.reached,
            compact,
            href=_messages(days, "sent"),
            formula="Different people with at least one marketing message the provider accepted.",
            denominator="nothing: it is a count.",
        ),
        card(
            "Opt-out rate",
            found.opt_out_rate,
            percent,
            href=_messages(days, "unsubscribed"),
            formula="People who opted out by a message ÷ customers reached.",
            denominator=f"{compact(found.reached.current)} customers reached.",
            more_is_better=False,
        ),
    ]


def cost_of(shop, found: Overview) -> int:
    """What the marketing messages of the period cost, and the discounts that codes of campaigns
    gave in it, in minor units."""
    sent = CustomerCommunication.objects.for_shop(shop).accepted()
    micros = sent.filter(
        dispatch__kind=Dispatch.Kind.MARKETING,
        attempt__sending_at__gte=found.since,
        attempt__sending_at__lt=found.until,
    ).aggregate(micros=Sum("cost_micros", default=0))["micros"]
    redeemed = OfferCode.objects.for_shop(shop).filter(
        execution__isnull=False, redeemed_at__gte=found.since, redeemed_at__lt=found.until
    )
    given = redeemed.aggregate(given=Sum("discount", default=0))["given"]
    return minor_units(int(micros), shop.currency) + int(given)


def times(ratio: float | None) -> str:
    """A return as a multiple of what it cost: 3.2 times; a dash when it cost nothing."""
    if ratio is None:
        return NOTHING
    return f"{ratio:,.{1 if abs(ratio) < 100 else 0}f}{TIMES}".replace("-", MINUS)


def checklist(shop, *, is_staff: bool) -> list[Task]:
    """What a shop needs before its first campaign."""
    in_admin = reverse("admin:campaigns_campaigndefinition_add") if is_staff else ""
    shop_page = reverse("admin:barbershop_barbershop_change", args=[shop.pk]) if is_staff else ""
    campaigns = CampaignDefinition.objects.for_shop(shop)
    return [
        Task(
            "Bring in your customers",
            Customer.objects.for_shop(shop).exists(),
            reverse("customers-import"),
        ),
        Task(
            "Enter the postal address that every marketing email must show",
            bool(shop.postal_address.strip()),
            shop_page,
        ),
        Task(
            "Create a campaign",
            campaigns.exists(),
            in_admin or reverse("api-docs"),
        ),
        Task(
            "Send it",
            CampaignExecution.objects.for_shop(shop).exists(),
            reverse("campaigns"),
        ),
    ]


def _messages(days: str, outcome: str) -> str:
    return f"{reverse('messages')}?days={days}&outcome={outcome}"


def _card(
    label: str, figure: Figure, wording, *, before: str, more_is_better: bool = True, **more
) -> Kpi:
    change = figure.change
    is_nothing = figure.current is None
    compared = {}
    if change:
        is_more = change > 0
        compared = {
            "change": percent(abs(change)),
            "direction": "up" if is_more else "down",
            "tone": "better" if is_more == more_is_better else "worse",
            "compared_to": f"{'more' if is_more else 'less'} {before}",
        }
    value = "" if is_nothing else wording(figure.current)
    return Kpi(label=label, value=value, note="Nobody reached yet", **compared, **more)
