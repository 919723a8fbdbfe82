"""Optional slashes: a provider's POST is never redirected."""

from django.urls import re_path

from communications.webhooks import views

urlpatterns = [
    re_path(r"^sendgrid/?\Z", views.sendgrid_events, name="webhook-sendgrid"),
    re_path(r"^sendgrid/inbound/?\Z", views.sendgrid_inbound, name="webhook-sendgrid-inbound"),
    re_path(r"^twilio/status/?\Z", views.twilio_status, name="webhook-twilio-status"),
    re_path(r"^twilio/inbound/?\Z", views.twilio_inbound, name="webhook-twilio-inbound"),
]
