from django.contrib import admin

from barbershop.admin import audit, catalog, people, shops, tokens  # noqa: F401 - they register

admin.site.site_header = "Barbershop campaigns"
admin.site.site_title = "Barbershop campaigns"
admin.site.index_title = "Staff admin"
admin.site.empty_value_display = "\N{EN DASH}"
