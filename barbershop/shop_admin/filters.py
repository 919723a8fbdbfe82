"""Filters of lists; none of them offers a row of somebody else's shop."""

from django.contrib import admin

from barbershop.models import Barbershop


class ShopFilter(admin.SimpleListFilter):
    """One of the person's shops. Django's own would list all shops there are."""

    title = "shop"
    parameter_name = "in_shop"
    lookup = "shop"

    def lookups(self, request, model_admin):
        shops = Barbershop.objects.for_user(request.user)
        return [(str(pk), name) for pk, name in shops.values_list("pk", "name")]

    def has_output(self):
        return len(self.lookup_choices) > 1

    def queryset(self, request, queryset):
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(**{self.lookup: self.value()}) if self.value() in known else queryset


class MomentFilter(admin.SimpleListFilter):
    """Whether a time is set: ``MomentFilter.of("resolved_at", "resolved")``."""

    field = ""

    @classmethod
    def of(cls, field: str, title: str) -> type["MomentFilter"]:
        names = {"field": field, "title": title, "parameter_name": f"has_{field}"}
        return type(f"MomentFilter_{field}", (cls,), names)

    def lookups(self, request, model_admin):
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request, queryset):
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(**{f"{self.field}__isnull": self.value() == "no"})
