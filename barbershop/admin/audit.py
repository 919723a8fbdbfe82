"""Who did what: to be read, never written here."""

from django.contrib import admin

from barbershop.models import AuditChain, AuditDetail, AuditEntry, IdempotencyKey, Membership
from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin

Role = Membership.Role


@admin.register(AuditEntry)
class AuditEntryAdmin(ViewOnlyAdmin):
    view_role = Role.MANAGER
    list_display = ("seq", "at", "actor", "token", "action", "object_type", "shop")
    list_display_links = ("seq", "action")
    list_select_related = ("actor", "token", "shop")
    list_filter = (ShopFilter, "at")
    date_hierarchy = "at"
    search_fields = ("action", "object_type", "=object_id", "actor__email")
    search_help_text = "Action, kind of object, its exact id, or the person's email."
    show_full_result_count = False


@admin.register(AuditDetail)
class AuditDetailAdmin(ViewOnlyAdmin):
    view_role = Role.MANAGER
    list_display = ("entry", "request_id", "ip", "user_agent", "shop")
    list_select_related = ("entry", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("entry__action", "=request_id", "ip")
    search_help_text = "Action, exact request id, or part of an IP address."
    show_full_result_count = False


@admin.register(AuditChain)
class AuditChainAdmin(ViewOnlyAdmin):
    view_role = Role.MANAGER
    list_display = ("shop", "seq", "head_hash")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    search_fields = ("shop__name", "head_hash")
    search_help_text = "Shop, or part of the newest hash."


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ViewOnlyAdmin):
    view_role = Role.MANAGER
    secret_fields = ("body_digest", "response_body")
    list_display = ("key", "method", "path", "status_code", "created_at", "answered_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, MomentFilter.of("answered_at", "answered"), "method")
    search_fields = ("key", "path")
    search_help_text = "Key or path."
    show_full_result_count = False
