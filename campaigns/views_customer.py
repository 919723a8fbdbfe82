"""One customer: what he said, when he came, what he was sent and what came of it."""

from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, page_of, shop_page
from barbershop.templatetags.ui import short_money
from campaigns import passport, redeeming, referrals
from campaigns.models import CampaignExecution, CampaignResponse, OfferCode, Referral
from campaigns.outcomes import outcome_of
from communications.may_write import causes
from communications.models import CustomerCommunication
from customers import may_write
from customers.channels import Channel
from customers.models import Appointment, ContactConsent, Customer

NEWEST_VISITS = 10
NEWEST_OFFERS = 10


@shop_page
@require_safe
def customer(request, pk):
    customers = Customer.objects.for_shop(request.shop).with_visit_facts()
    person = get_object_or_404(customers.select_related("preferred_barber"), pk=pk)
    statements = ContactConsent.objects.filter(shop=request.shop, customer=person)
    visits = Appointment.objects.for_shop(request.shop).filter(customer=person)
    page = page_of(request, _messages(request.shop, person), per_page=20)
    for message in page:
        message.outcome = outcome_of(message)
    context = {
        "person": person,
        "tags": [link.tag for link in person.customer_tags.select_related("tag")],
        "consents": _now(statements),
        "may_write": _may_write(person),
        "statements": statements.select_related("detail").order_by("-seq")[:20],
        "visits": visits.select_related("barber", "service")[:NEWEST_VISITS],
        "codes": _codes(request.shop, person),
        "referrals": _referrals(request.shop, person),
        "page_obj": page,
        "may_record": WRITE in request.rights,
        "may_see_passport": passport.may_see(request.user, request.shop),
    }
    title = person.full_name or "Customer without a name"
    return render(
        request, "campaigns/customer.html", frame(title=title, section="customers") | context
    )


def _now(statements) -> list[tuple[str, str]]:
    """Each channel with the newest decision on marketing."""
    latest = {
        entry.channel: entry.get_decision_display()
        for entry in statements.latest().filter(topic="marketing")
    }
    return [(channel.label, latest.get(channel, "Nothing said")) for channel in Channel]


def _may_write(person) -> list[tuple[may_write.Answer, str]]:
    """The gate's answer on each channel, and what keeps the address out."""
    known = causes(person)
    found = []
    for answer in may_write.answers([person], shop=person.shop)[person.pk]:
        why = known.get(answer.channel, "") if answer.reason else ""
        if answer.reason == CustomerCommunication.Reason.SUPPRESSED and not why:
            why = "an address of his was erased"
        found.append((answer, why))
    return found


def _codes(shop, person) -> list[OfferCode]:
    codes = OfferCode.objects.for_shop(shop).filter(customer=person)
    codes = codes.select_related(
        "offer", "shop", "execution__definition", "referral__referrer", "referral__friend"
    )
    found = list(codes.order_by("-pk")[:NEWEST_OFFERS])
    for code in found:
        code.state = redeeming.state_of(code, now=timezone.now())
        code.taken = short_money(code.discount, shop.currency)
        code.last_day = code.valid_until(now=timezone.now())
        code.reason = referrals.reason_of(code)
    return found


def _referrals(shop, person) -> list[Referral]:
    both = Referral.objects.for_shop(shop).filter(Q(referrer=person) | Q(friend=person))
    return list(both.select_related("referrer", "friend").order_by("-pk")[:NEWEST_OFFERS])


def _messages(shop, person):
    """Newest first, with the campaign and the money credited to each."""
    run = CampaignExecution.objects.filter(dispatch=OuterRef("dispatch"))
    credit = CampaignResponse.objects.filter(communication=OuterRef("pk"))
    messages = CustomerCommunication.objects.for_shop(shop).counted().filter(customer=person)
    return (
        messages.with_state()
        .select_related("content")
        .annotate(
            campaign_id=Subquery(run.values("definition")[:1]),
            campaign_name=Subquery(run.values("definition__name")[:1]),
            revenue=Subquery(credit.values("revenue")[:1]),
        )
        .order_by("-queued_at", "-pk")
    )
