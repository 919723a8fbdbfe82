from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from communications.models import CustomerCommunication, DeliveryAttempt


class StateFilter(admin.SimpleListFilter):
    """A message in a call is in the state of its call, so no single column says it."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        own = [
            choice for choice in CustomerCommunication.SendState.choices if choice[0] != "in_call"
        ]
        return [*own, *DeliveryAttempt.State.choices]

    def queryset(self, request, queryset):
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(state=self.value()) if self.value() in known else queryset


@admin.register(CustomerCommunication)
class CustomerCommunicationAdmin(ViewOnlyAdmin):
    """The ledger: one row per person and channel. Written by the sending engine alone."""

    list_display = (
        "address_shown",
        "customer",
        "channel",
        "state",
        "reason",
        "delivery",
        "queued_at",
    )
    list_select_related = ("customer", "attempt")
    list_filter = (
        ShopFilter,
        "channel",
        StateFilter,
        "delivery",
        MomentFilter.of("opened_at", "opened"),
        MomentFilter.of("clicked_at", "clicked"),
    )
    date_hierarchy = "queued_at"
    search_fields = (
        "address",
        "customer__first_name",
        "customer__last_name",
        "=reason",
        "=dispatch__id",
        "=attempt__id",
        "=uuid",
    )
    search_help_text = "Address, name, exact reason, uuid, or number of the dispatch or call."
    show_full_result_count = False
    readonly_fields = ("passport",)

    def get_queryset(self, request):
        return super().get_queryset(request).with_state()

    @admin.display(description="address", ordering="address", empty_value="no address")
    def address_shown(self, message):
        return message.address or None

    @admin.display(description="why it was sent", empty_value="-")
    def passport(self, message):
        """The page belongs to a higher floor, so it is named."""
        if message.customer_id is None:
            return None
        page = reverse("customer-passport", args=[message.customer_id])
        return format_html('<a href="{}?communication={}">Why?</a>', page, message.uuid)

    @admin.display(ordering="state")
    def state(self, message):
        return message.state
