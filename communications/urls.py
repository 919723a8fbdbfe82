"""What is reached from outside: providers' webhooks, and the links in messages."""

from django.urls import include, path, re_path

from communications import views, views_consent, views_join, views_opt_out, views_replies
from communications.monitoring.views import metrics

# Whatever stands there: a link that a mail program has cut or lengthened is answered by our pages.
_SIGNED = r"(?P<token>.*?)/?\Z"

urlpatterns = [
    re_path(r"^metrics/?\Z", metrics, name="metrics"),
    path("webhooks/", include("communications.webhooks.urls")),
    path("join/confirm/<uuid:uuid>/", views_join.confirm, name="join-confirm"),
    path("join/<slug:slug>/", views_join.join, name="join"),
    path("join/<slug:slug>/thanks/", views_join.thanks, name="join-thanks"),
    path("customers/sign-up/", views_consent.sign_up_page, name="customers-sign-up"),
    path("customers/<int:pk>/opt-in/", views_consent.record_opt_in, name="customer-opt-in"),
    path("customers/<int:pk>/opt-out/", views_opt_out.opt_out, name="customer-opt-out"),
    path("replies/", views_replies.replies, name="replies"),
    path("replies/<int:pk>/decide/", views_replies.decide, name="reply-decide"),
    re_path(rf"^u/{_SIGNED}", views.unsubscribe_page, name="unsubscribe"),
    re_path(rf"^c/{_SIGNED}", views.tracked_link, name="tracked-link"),
]
