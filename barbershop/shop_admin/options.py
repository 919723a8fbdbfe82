"""Admin classes of rows that belong to shops."""

from django.contrib import admin
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import Http404

from barbershop import audit
from barbershop.shop_admin.access import RoleAccess
from barbershop.shop_admin.forms import OneShopForm, StorableJSONField
from barbershop.whole_numbers import MOST_DIGITS

MAX_SEARCH = 200  # characters
MAX_WORDS = 12
NUL = "\x00"
_DATE_PARTS = frozenset({"year", "month", "day"})


class _ShopFields(RoleAccess):
    """How fields of a shop's row are shown and filled, in forms and in inlines.

    Attributes:
        secret_fields: never shown, and no URL may filter by them.
        set_once: may be given when a row is made, not afterwards. The shop always is.
    """

    form = OneShopForm
    formfield_overrides = {models.JSONField: {"form_class": StorableJSONField}}
    secret_fields: tuple[str, ...] = ()
    set_once: tuple[str, ...] = ()
    show_facets = admin.ShowFacets.ALLOW

    def get_autocomplete_fields(self, request):
        """Every foreign key: a select of a shop's 50,000 customers is no page."""
        return [
            field.name
            for field in self.model._meta.fields
            if field.many_to_one or field.one_to_one
            if field.editable and field.remote_field.model in self.admin_site._registry
        ]

    def get_readonly_fields(self, request, obj=None):
        fixed = ("shop", *self.set_once) if obj is not None else ()
        names = {field.name for field in self.model._meta.fields}
        return [*self.readonly_fields, *(name for name in fixed if name in names)]

    def get_exclude(self, request, obj=None):
        return [*(super().get_exclude(request, obj) or ()), *self.secret_fields]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "shop" and not request.user.is_superuser:
            field.required = True  # a row without a shop is the installation's
        return field


class ShopAdmin(_ShopFields, admin.ModelAdmin):
    """Admin of a model whose rows belong to a shop. Changes are kept in the shop's audit log."""

    list_per_page = 50
    list_max_show_all = 200
    list_filter = ()

    def get_object(self, request, object_id, from_field=None):
        """Where the key is another row's, Django asks for a number longer than the database has."""
        if len(object_id) > MOST_DIGITS:
            return None
        return super().get_object(request, object_id, from_field)

    def get_changeform_initial_data(self, request):
        own = {"shop": request.shop.pk} if getattr(request, "shop", None) else {}
        return own | super().get_changeform_initial_data(request)

    def get_list_display(self, request):
        """Without the shop for whoever has only one: the room is needed."""
        names = super().get_list_display(request)
        if request.user.is_superuser or len(self.concerned(request, None)) > 1:
            return names
        return [name for name in names if name != "shop"]

    def get_ordering(self, request):
        """Said aloud: a model's own order is lost once rows are counted beside it."""
        return self.ordering or self.model._meta.ordering or ("-pk",)

    def get_search_results(self, request, queryset, search_term):
        """Whatever is typed is searched for, up to a length no name has."""
        words = search_term.replace(NUL, "")[:MAX_SEARCH].split()[:MAX_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def changelist_view(self, request, extra_context=None):
        request.GET = _answerable(request.GET)
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup, value, request=None):
        if lookup.split("__")[0] in self.secret_fields:
            return False
        return super().lookup_allowed(lookup, value, request)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Django would send people to the index; what they may not see is not there."""
        raise Http404(f"There is no {opts.verbose_name} {object_id!r}.")

    def save_model(self, request, obj, form, change):
        if not change and getattr(obj, "created_by_id", 0) is None:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def log_addition(self, request, obj, message):
        self._record(request, obj, "add")
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self._record(request, obj, "change", after={"changed": message})
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        rows = list(queryset)
        for obj in rows:
            self._record(request, obj, "delete", after={"was": str(obj)})
        return super().log_deletions(request, rows)

    def _record(self, request, obj, verb, *, after=None) -> None:
        """Which fields were changed, not to what: the secrets and texts of a shop stay out."""
        shop = getattr(obj, "shop", None)
        if shop is not None:
            action = f"admin.{obj._meta.model_name}.{verb}"
            audit.record(
                shop=shop, action=action, by=request.user, target=obj, after=after, request=request
            )


def _answerable(parameters):
    """The query without what makes a database or Python's calendar raise instead of answer.

    PostgreSQL refuses NUL in any comparison; a year of ten digits is none.
    """
    kept = parameters.copy()
    for name in parameters:
        values = [value.replace(NUL, "") for value in parameters.getlist(name)]
        if name.rpartition("__")[2] in _DATE_PARTS:
            values = [value for value in values if value.isdigit() and len(value) <= 4]
        kept.setlist(name, values)
        if not values:
            del kept[name]
    return kept


class ViewOnlyAdmin(ShopAdmin):
    """Rows that are evidence, or that only programs write: nobody changes them here."""

    verbs = frozenset()
    actions = None


class ShopFormSet(BaseInlineFormSet):
    """Rows made inside another row belong to the same shop as that one."""

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        self._adopt(form)
        return form

    def _adopt(self, form) -> None:
        shop_id = getattr(self.instance, "shop_id", None)
        if shop_id is not None and self.fk.name != "shop" and hasattr(form.instance, "shop_id"):
            form.instance.shop_id = shop_id


class ShopTabularInline(_ShopFields, admin.TabularInline):
    """Children of a shop's row, in its form."""

    formset = ShopFormSet
    extra = 0
    show_change_link = True
    exclude = ("shop",)
    delete_role = RoleAccess.change_role

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields
