from django.contrib import admin

from barbershop.shop_admin import ShopFilter, ShopTabularInline, ViewOnlyAdmin
from barbershop.templatetags.ui import NOTHING
from communications.models import Dispatch, LinkClick, MessageContent, TrackedLink


class ContentInline(ShopTabularInline):
    """What was said; never the recipients, of whom there may be 100,000."""

    verbs = frozenset()
    model = MessageContent
    fields = ("channel", "variant_label", "subject", "text")


@admin.register(Dispatch)
class DispatchAdmin(ViewOnlyAdmin):
    inlines = (ContentInline,)
    list_display = ("__str__", "kind", "paused", "created_at", "starts_at", "finished_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "kind", "state", "pause_cause")
    date_hierarchy = "created_at"
    search_fields = ("=id", "uuid", "paused_reason", "created_by__email")
    search_help_text = "Number, uuid, reason of a pause, or who began it (email)."
    show_full_result_count = False

    @admin.display(description="why it is paused", ordering="pause_cause", empty_value=NOTHING)
    def paused(self, dispatch):
        """The cause in our words, and what was said at the time."""
        if dispatch.state != Dispatch.State.PAUSED:
            return None
        cause = dispatch.get_pause_cause_display()
        return ": ".join(filter(None, (cause, dispatch.paused_reason)))


@admin.register(MessageContent)
class MessageContentAdmin(ViewOnlyAdmin):
    list_display = ("__str__", "channel", "variant_label", "dispatch", "created_at", "shop")
    list_select_related = ("dispatch", "shop")
    list_filter = (ShopFilter, "channel")
    date_hierarchy = "created_at"
    search_fields = ("subject", "text", "=dispatch__id")
    search_help_text = "Words of the message, or the number of its dispatch."
    show_full_result_count = False


@admin.register(TrackedLink)
class TrackedLinkAdmin(ViewOnlyAdmin):
    list_display = ("target", "position", "content", "shop")
    list_select_related = ("content", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("target",)
    search_help_text = "Target."
    show_full_result_count = False


@admin.register(LinkClick)
class LinkClickAdmin(ViewOnlyAdmin):
    list_display = ("link", "communication", "verdict", "verdict_reason", "clicked_at", "shop")
    list_select_related = ("link", "communication", "shop")
    list_filter = (ShopFilter, "verdict")
    date_hierarchy = "clicked_at"
    search_fields = ("link__target", "verdict_reason")
    search_help_text = "Target, or the reason of the verdict."
    show_full_result_count = False
