from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from customers.models import CustomerImport, CustomerImportError


@admin.register(CustomerImport)
class CustomerImportAdmin(ViewOnlyAdmin):
    list_display = ("filename", "started_at", "rows", "created", "updated", "rejected", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "is_dry_run", MomentFilter.of("finished_at", "finished"))
    date_hierarchy = "started_at"
    search_fields = ("filename", "started_by__email")
    search_help_text = "File name, or who started it (email)."


@admin.register(CustomerImportError)
class CustomerImportErrorAdmin(ViewOnlyAdmin):
    list_display = ("customer_import", "line", "column", "message", "shop")
    list_select_related = ("customer_import", "shop")
    list_filter = (ShopFilter, "column")
    search_fields = ("customer_import__filename", "column", "message")
    search_help_text = "File name, column, or part of the message."
    show_full_result_count = False
