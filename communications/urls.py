"""What is reached from outside: providers' webhooks, and the links in messages."""

from django.urls import include, path, re_path

from communications import views

# Whatever stands there: a link that a mail program has cut or lengthened is answered by our pages.
_SIGNED = r"(?P<token>.*?)/?\Z"

urlpatterns = [
    path("webhooks/", include("communications.webhooks.urls")),
    re_path(rf"^u/{_SIGNED}", views.unsubscribe_page, name="unsubscribe"),
    re_path(rf"^c/{_SIGNED}", views.tracked_link, name="tracked-link"),
]
