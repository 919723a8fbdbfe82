"""Opting customers out, as an action in their list.

The customers' own admin class stands on a lower floor that knows no suppressions, so the action is
added to it from here.
"""

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from barbershop.shop_admin.confirm import MAX_ROWS
from communications import unsubscribe
from communications.forms_opt_out import OptOutForm
from customers.admin.customers import CustomerAdmin


@admin.action(description="Opt out…", permissions=["change"])
def opt_out(model_admin, request, queryset):
    """Ask for channel and reason; safe to confirm twice."""
    rows = list(queryset.select_related("shop").order_by("pk")[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        say = f"Choose at most {MAX_ROWS} at a time, so that each can be looked at."
        return model_admin.message_user(request, say, messages.ERROR)
    if not all(model_admin.has_change_permission(request, row) for row in rows):
        say = "Your role does not allow this for every row you chose."
        return model_admin.message_user(request, say, messages.ERROR)
    form = OptOutForm(request.POST if "confirmed" in request.POST else None)
    if not form.is_valid():
        return _question(model_admin, request, rows, form)
    now = timezone.now()
    done = [
        unsubscribe.by_staff(row, by=request.user, now=now, request=request, **form.said)
        for row in rows
    ]
    say = f"{sum(done)} opted out; {len(done) - sum(done)} had been before."
    model_admin.message_user(request, say, messages.SUCCESS)
    return HttpResponseRedirect(request.get_full_path())


def _question(model_admin, request, rows, form) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Opt out",
        "opts": model_admin.model._meta,
        "media": model_admin.media,
        "rows": rows,
        "form": form,
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    request.current_app = model_admin.admin_site.name
    status = 400 if form.is_bound else 200
    return TemplateResponse(request, "admin/opt_out.html", context, status=status)


CustomerAdmin.actions = (*(CustomerAdmin.actions or ()), opt_out)
