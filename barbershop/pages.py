"""What every page of the dashboard stands on: a person, a shop, a right, and safe query words."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRefresh

from barbershop.api.permissions import ALLOWED, READ, SEND, WRITE
from barbershop.tenancy import role_in

STOP_POLLING = 286  # htmx shows the answer and asks no more
MOST_TEXT = 100
REFUSALS = {
    READ: "You do not belong to any shop yet. Ask an owner to add you.",
    WRITE: "Your role in this shop is to look, not to change. Ask an owner if it should be more.",
    SEND: "Your role in this shop does not include sending. Ask a manager or an owner to do it.",
}


def shop_page(view=None, *, needs: str = READ):
    """Let in who is signed in, has a shop and may do what the page does.

    Sets ``request.rights`` (read, write, send) for the templates: what a person may not do is not
    offered to him. A poll by somebody who has signed out reloads the page, which asks him to
    sign in.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                if request.htmx:
                    return HttpResponseClientRefresh()
                return redirect_to_login(request.get_full_path())
            request.rights = ALLOWED.get(role_in(request.user, request.shop), frozenset())
            for right in (READ, needs):
                if right not in request.rights:
                    raise PermissionDenied(REFUSALS[right])
            response = view(request, *args, **kwargs)
            patch_vary_headers(response, ["Cookie", "HX-Request"])
            return response

        return guarded

    return decorate(view) if view else decorate


def frame(*, title: str, section: str, now=None) -> dict:
    """What ``base.html`` asks of every page."""
    return {"page_title": title, "section": section, "as_of": now or timezone.now()}


def text(request, name: str) -> str:
    """A text from the query, without what no database stores and no person types."""
    raw = request.GET.get(name, "")
    return "".join(char for char in raw if char.isprintable())[:MOST_TEXT].strip()


def choice(request, name: str, known, *, default: str = "") -> str:
    """One of the known words from the query; anything else is the default."""
    value = request.GET.get(name, default)
    return value if value in known else default


def page_of(request, rows, *, per_page: int = 25) -> Page:
    """The page that the query asks for; nonsense is the first one, too far is the last one."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
