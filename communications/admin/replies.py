"""What people answered, and what a person decided about it."""

from functools import partial

from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from communications import inbound
from communications.models import InboundMessage

Outcome = InboundMessage.Outcome
COST = "A wrong hold costs one message; a missed “stop” 500 to 1,500 dollars."


class DecidedAlready(Exception):
    """Somebody else was faster."""


@admin.register(InboundMessage)
class InboundMessageAdmin(ViewOnlyAdmin):
    """Answers by text and email. Held ones wait for a decision; words and address are personal."""

    actions = ("means_stop", "means_talk")
    list_display = ("received_at", "address", "words", "outcome", "decided_as", "customer", "shop")
    list_display_links = ("received_at", "words")
    list_select_related = ("customer", "shop")
    list_filter = (
        ShopFilter,
        "outcome",
        "channel",
        MomentFilter.of("decided_at", "decided"),
    )
    date_hierarchy = "received_at"
    search_fields = ("body", "address", "customer__first_name", "customer__last_name")
    search_help_text = "Words of the answer, the address, or the customer's name."
    show_full_result_count = False

    @admin.display(description="words")
    def words(self, answer):
        return answer.body[:80] or "-"

    @admin.action(description="It means stop: opt out…", permissions=["edit"])
    def means_stop(self, request, queryset):
        return self._ask(request, queryset, as_=Outcome.STOP)

    @admin.action(description="It is only talk…", permissions=["edit"])
    def means_talk(self, request, queryset):
        return self._ask(request, queryset, as_=Outcome.TALK)

    def _ask(self, request, queryset, *, as_: str):
        is_stop = as_ == Outcome.STOP
        step = Step(
            action=f"means_{as_}",
            question="Do these answers mean stop?" if is_stop else "Are these answers only talk?",
            label="Opt them out" if is_stop else "Only talk",
            foresee=partial(_foresee, as_=as_),
            act=partial(_decide, as_=as_),
            done="is opted out" if is_stop else "is noted as talk",
            may=lambda request, row: self.has_edit_permission(request, row),
            refusals=DecidedAlready,
            danger=is_stop,
        )
        return ask_then_act(self, request, queryset, step)


def _foresee(answer: InboundMessage, *, as_: str) -> Consequence:
    if answer.outcome != Outcome.HELD:
        return Consequence(blocker="It took effect by itself and waits for nobody.")
    if answer.decided_at:
        return Consequence(blocker="Somebody has decided it already.")
    what = "No more messages on this channel" if as_ == Outcome.STOP else "Offers go again"
    return Consequence(facts=[(answer.body[:120] or "-", "was said"), (what, f"to it. {COST}")])


def _decide(answer: InboundMessage, by, *, as_: str) -> None:
    if not inbound.decide(answer, as_=as_, by=by):
        raise DecidedAlready("somebody has decided it already.")
