from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.utils import timezone

from barbershop.shop_admin import (
    MomentFilter,
    OneShopForm,
    ShopAdmin,
    ShopFilter,
    ViewOnlyAdmin,
)
from customers import criteria
from customers.models import CustomerSegment, SegmentMembership, SegmentSize
from customers.segments import meaning, uses, watching


def valid_criteria(raw) -> dict:
    """Criteria from a form: understood, or a form error that names the nearest known word."""
    try:
        criteria.parse(raw)
    except criteria.CriteriaError as error:
        raise ValidationError(str(error), code="invalid_criteria") from error
    return raw or {}


class CriteriaForm(OneShopForm):
    """A form with criteria: understood, and naming only what the shop has.

    Otherwise a form error at the field, which names the nearest known word.
    """

    criteria_field = "criteria"

    def clean(self):
        cleaned = super().clean()
        name = self.criteria_field
        if name not in cleaned:
            return cleaned
        cleaned[name] = {} if cleaned[name] is None else cleaned[name]
        try:
            parsed = criteria.parse(cleaned[name])
            if shop := self._shop(cleaned):
                criteria.check(parsed, shop=shop, segment=self._segment())
        except criteria.CriteriaError as error:
            self.add_error(name, ValidationError(str(error), code="invalid_criteria"))
        return cleaned

    def _shop(self, cleaned):
        stored = self.instance.shop if self.instance.shop_id else None
        return cleaned.get("shop") or stored

    def _segment(self) -> int | None:
        """The segment that is to have these criteria, which must not name itself."""
        return self.instance.pk if isinstance(self.instance, CustomerSegment) else None


class SegmentList(ChangeList):
    """A page of segments, each with its shop's ``names``, which are asked once for all of them."""

    def get_results(self, request):
        super().get_results(request)
        names: dict[int, criteria.Names] = {}
        for segment in self.result_list:
            own = criteria.Names(segment.shop)
            segment.names = names.setdefault(segment.shop_id, own)


@admin.register(CustomerSegment)
class CustomerSegmentAdmin(ShopAdmin):
    form = CriteriaForm
    list_display = ("name", "description", "meaning", "created_by", "updated_at", "shop")
    list_select_related = ("created_by", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("name", "description")
    search_help_text = "Name or description."
    readonly_fields = (
        "meaning",
        "ready_key",
        "watched_at",
        "criteria_changed_at",
        "created_by",
        "created_at",
        "updated_at",
    )

    def get_changelist(self, request, **kwargs):
        return SegmentList

    def save_model(self, request, obj, form, change):
        stored = CustomerSegment.objects.filter(pk=obj.pk).first() if change else None
        if stored is None or not meaning.says_the_same(stored.criteria, obj.criteria):
            obj.criteria_changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        if not change:
            watching.look(obj, now=timezone.now())

    def get_deleted_objects(self, objs, request):
        """Who uses one of them stands among what protects it."""
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        for segment in objs:
            if used_by := uses.of(segment):
                protected = [*protected, str(uses.SegmentInUse(segment, used_by))]
        return found, counts, needed, protected

    def view_on_site(self, obj):
        return f"/segments/{obj.pk}/"

    @admin.display(description="means")
    def meaning(self, segment):
        shop = segment.shop if segment.shop_id else None  # none while the form is empty
        names = getattr(segment, "names", None) or criteria.Names(shop)
        try:
            return criteria.parse(segment.criteria).sentence(names)
        except criteria.CriteriaError as error:
            return f"Cannot be read: {error}"


@admin.register(SegmentSize)
class SegmentSizeAdmin(ViewOnlyAdmin):
    list_display = ("segment", "size", "counted_at", "shop")
    list_select_related = ("segment", "shop")
    list_filter = (ShopFilter,)
    date_hierarchy = "counted_at"
    search_fields = ("segment__name",)
    search_help_text = "The segment's name."
    show_full_result_count = False


@admin.register(SegmentMembership)
class SegmentMembershipAdmin(ViewOnlyAdmin):
    list_display = (
        "customer",
        "segment",
        "entered_at",
        "why_entered",
        "left_at",
        "why_left",
        "shop",
    )
    list_select_related = ("customer", "segment", "shop")
    list_filter = (ShopFilter, MomentFilter.of("left_at", "left"))
    date_hierarchy = "entered_at"
    search_fields = (
        "segment__name",
        "customer__first_name",
        "customer__last_name",
        "customer__email",
    )
    search_help_text = "The segment's name, or the customer's name or email."
    show_full_result_count = False
