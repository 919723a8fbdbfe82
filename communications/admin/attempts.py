from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from barbershop.shop_admin import ShopFilter, ViewOnlyAdmin
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from barbershop.templatetags.ui import NOTHING, ago
from communications.delivery import resolve, retry
from communications.models import AttemptDeparture, DeliveryAttempt, Dispatch

State = DeliveryAttempt.State


class ResolvedMeanwhile(Exception):
    """Somebody, or a report of the provider, was faster."""


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ViewOnlyAdmin):
    """Calls to a provider; those without an outcome can be released by a person."""

    actions = ("release",)
    list_display = ("__str__", "channel", "messages", "age", "deadline", "resolved_by", "shop")
    list_select_related = ("dispatch", "account", "shop")
    list_filter = (ShopFilter, "state", "channel", "http_status")
    date_hierarchy = "claimed_at"
    search_fields = ("=id", "=uuid", "=provider_id", "error", "=dispatch__id")
    search_help_text = "Number, uuid, the provider's exact id, words of the error, or dispatch."
    show_full_result_count = False
    readonly_fields = ("messages", "age", "resolved_by")

    @admin.display(ordering="message_count")
    def messages(self, call):
        """As many as it began with; the link shows those that are in it now."""
        found = reverse("admin:communications_customercommunication_changelist")
        return format_html(
            '<a href="{}?attempt__id__exact={}">{}</a>', found, call.pk, call.message_count
        )

    @admin.display(description="begun", ordering="sending_at")
    def age(self, call):
        return ago(call.sending_at) if call.sending_at else NOTHING

    @admin.display(ordering="call_deadline")
    def deadline(self, call):
        """Until when an answer counts: in the future for a call that is on the wire."""
        now = timezone.now()
        if call.call_deadline is None:
            return NOTHING
        if call.call_deadline <= now:
            return ago(call.call_deadline, now)
        return f"in {int((call.call_deadline - now).total_seconds())} s"

    @admin.display(description="what resolves it")
    def resolved_by(self, call):
        """For a call that is over: what was the matter with it, if anything."""
        if call.state == State.CLAIMED:
            return "It begins, or its lease runs out and its messages wait again."
        if what_next := resolve.what_next(call, now=timezone.now()):
            return what_next
        return call.error or NOTHING

    @admin.action(description="Release…", permissions=["send"])
    def release(self, request, queryset):
        step = Step(
            action="release",
            question="Release these calls?",
            label="Release now",
            danger=True,
            foresee=foresee_release,
            act=_release,
            done="is released: its messages wait to be sent again",
            may=self.has_send_permission,
            refusals=ResolvedMeanwhile,
        )
        queryset = queryset.select_related("dispatch", "account", "shop")
        return ask_then_act(self, request, queryset, step)


def foresee_release(call: DeliveryAttempt) -> Consequence:
    """Who may get it twice, and what would happen without anybody's doing."""
    if call.state not in retry.UNRESOLVED:
        return Consequence(blocker=f"It is {call.get_state_display().lower()}, not unknown.")
    if call.dispatch.state == Dispatch.State.CANCELLED:
        return Consequence(blocker="Its run is cancelled: nothing of it is sent any more.")
    number = call.communications.count()
    people = "person" if number == 1 else "people"
    return Consequence(
        [
            (f"{number:,}", f"{people} may get it twice, if the provider did take it"),
            ("Otherwise", resolve.what_next(call, now=timezone.now())),
        ]
    )


def _release(call: DeliveryAttempt, by) -> None:
    if not retry.free(call, by=by):
        raise ResolvedMeanwhile("it was resolved before; nothing was done.")


@admin.register(AttemptDeparture)
class AttemptDepartureAdmin(ViewOnlyAdmin):
    list_display = ("communication", "attempt", "outcome", "reason", "at", "shop")
    list_select_related = ("communication", "attempt", "shop")
    list_filter = (ShopFilter, "outcome")
    date_hierarchy = "at"
    search_fields = ("reason", "=attempt__id", "communication__address")
    search_help_text = "Reason, number of the call, or address."
    show_full_result_count = False
