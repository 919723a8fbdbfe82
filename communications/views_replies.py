"""What people answered: first what a person has to read and decide."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from barbershop.api.permissions import WRITE
from barbershop.pages import choice, frame, page_of, shop_page
from communications import inbound
from communications.models import InboundMessage

Outcome = InboundMessage.Outcome
SHOWN = {"all": "All", "waiting": "To read", **dict(Outcome.choices)}
del SHOWN[Outcome.HELD]
DONE = {
    Outcome.STOP: "Opted out: this shop writes to that address no more.",
    Outcome.TALK: "Noted: marketing to that address goes on.",
}


@shop_page
@require_safe
def replies(request):
    shown = choice(request, "show", SHOWN, default="all")
    waiting = inbound.waiting(request.shop)
    found = waiting if shown == "waiting" else InboundMessage.objects.for_shop(request.shop)
    if shown not in {"all", "waiting"}:
        found = found.filter(Q(outcome=shown) | Q(decided_as=shown))
    waits = Q(outcome=Outcome.HELD, decided_at=None)
    found = found.select_related("customer", "decided_by", "communication")
    found = found.annotate(waits=waits).order_by("-waits", "-received_at", "-pk")
    context = {
        "page_obj": page_of(request, found),
        "shown": shown,
        "tabs": [
            {
                "label": label,
                "href": f"?show={name}",
                "current": name == shown,
                "count": waiting.count() if name == "waiting" else None,
            }
            for name, label in SHOWN.items()
        ],
        "waiting": waiting.count(),
        "may_decide": WRITE in request.rights,
    }
    return render(
        request,
        "communications/replies.html",
        frame(title="Replies", section="replies") | context,
    )


@shop_page(needs=WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk):
    """Say what a held answer means. A GET, as after signing in, shows the list."""
    answer = get_object_or_404(InboundMessage.objects.for_shop(request.shop), pk=pk)
    as_ = request.POST.get("as", "")
    if request.method == "POST" and as_ in inbound.DECISIONS:
        if inbound.decide(answer, as_=as_, by=request.user, request=request):
            messages.success(request, DONE[as_])
        else:
            messages.info(request, "Somebody has decided it already.")
    return redirect("replies")
