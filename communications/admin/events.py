"""The webhook inbox in admin, and what a person does about what nobody could read."""

import json

from django.contrib import admin
from django.utils.html import format_html

from barbershop.models import Membership
from barbershop.shop_admin import ShopFilter, ViewOnlyAdmin
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from barbershop.templatetags.ui import ago
from communications import events
from communications.models import ProviderEvent


class FailedAgain(Exception):
    """What stood in the event's way still does."""


class FoldFilter(admin.SimpleListFilter):
    """Where an event stands on its way from the inbox into the ledger."""

    title = "state"
    parameter_name = "state"
    states = {
        "waiting": {"folded_at": None, "quarantined_at": None},
        "quarantined": {"folded_at": None, "quarantined_at__isnull": False},
        "folded": {"folded_at__isnull": False},
    }

    def lookups(self, request, model_admin):
        return [(state, state) for state in self.states]

    def queryset(self, request, queryset):
        return queryset.filter(**self.states.get(self.value(), {}))


@admin.register(ProviderEvent)
class ProviderEventAdmin(ViewOnlyAdmin):
    actions = ("replay",)
    view_role = Membership.Role.STAFF
    edit_role = Membership.Role.MANAGER
    list_display = ("kind", "provider", "event_key", "occurred_at", "state", "error", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, FoldFilter, "provider", "kind")
    date_hierarchy = "received_at"
    search_fields = ("=event_key", "=communication_uuid", "=attempt_uuid", "error")
    search_help_text = "Exact event key, uuid of the message or call, or words of the error."
    show_full_result_count = False
    exclude = ("payload",)
    readonly_fields = ("state", "told")

    @admin.display(ordering="folded_at")
    def state(self, event):
        if event.folded_at:
            return "folded"
        if event.quarantined_at:
            return "quarantined"
        return f"waiting, failed {event.tries} times" if event.tries else "waiting"

    @admin.display(description="what the provider told")
    def told(self, event):
        text = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html("<pre>{}</pre>", text)

    @admin.action(description="Replay…", permissions=["edit"])
    def replay(self, request, queryset):
        step = Step(
            action="replay",
            question="Replay these events?",
            label="Replay now",
            foresee=foresee_replay,
            act=_replay,
            done="is folded: it counts now",
            may=self.has_edit_permission,
            refusals=(events.NotInQuarantine, FailedAgain),
            once=False,
        )
        return ask_then_act(self, request, queryset.select_related("shop"), step)


def foresee_replay(event: ProviderEvent) -> Consequence:
    if event.folded_at:
        return Consequence(blocker="It is folded: what it tells counts already.")
    if not event.quarantined_at:
        return Consequence(
            blocker="It is not in quarantine: it is folded by itself, within a minute."
        )
    return Consequence(
        [
            (event.error or "It failed", f"is why it was put aside {ago(event.quarantined_at)}"),
            ("Once more", "it is folded at once; if it fails, it has its five tries again"),
        ]
    )


def _replay(event: ProviderEvent, by) -> None:
    if not events.replay(event, by=by):
        raise FailedAgain(f"it failed again ({event.error}); it is tried again by itself.")
