"""What is reached from outside: providers' webhooks, and the links in messages."""

from django.urls import include, path, re_path

from communications import views

_SIGNED = r"(?P<token>[A-Za-z0-9_-]{1,64})/?\Z"

urlpatterns = [
    path("webhooks/", include("communications.webhooks.urls")),
    re_path(rf"^u/{_SIGNED}", views.unsubscribe_page, name="unsubscribe"),
    re_path(rf"^c/{_SIGNED}", views.tracked_link, name="tracked-link"),
]
