"""The public sign-up: a form, a page that thanks, and the button that confirms."""

from functools import wraps

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from barbershop.client_address import client_ip
from barbershop.deadlocks import retried
from barbershop.models import Barbershop
from communications import languages, opting_in, shown_words
from communications.accounts import sender_for
from communications.forms import SignUpForm
from customers import sign_up
from customers.channels import Channel
from customers.models import OptInRequest

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _open(view):
    """For everybody: whoever has signed in is nobody special here, and no session is opened."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        return never_cache(view)(request, *args, **kwargs)

    answer.shopless = True
    return answer


@_open
@get_or_post
def join(request, slug):
    """Sign up for one shop's messages."""
    shop = get_object_or_404(Barbershop, slug=slug)
    if shop.suspended_at is not None:
        return closed(request, shop)
    return sign_up_at(request, shop)


def closed(request, shop: Barbershop) -> HttpResponse:
    """Of a suspended shop: nobody signs up until that is lifted. Why, is nobody's business here."""
    language = languages.choose(request, shop=shop)
    with translation.override(language):
        return render(request, "communications/join_closed.html", _page(shop, language), status=404)


def sign_up_at(request, shop: Barbershop, *, came_by: str = ""):
    """The form at the address that was asked for, and its answer.

    Args:
        came_by: the word of the link that led here; see ``customers.sign_up.request``.
    """
    language = languages.choose(request, shop=shop)
    now = timezone.now()
    with translation.override(language):
        form = SignUpForm(request.POST or None, shop=shop, language=language)
        status, is_crowd = 200, False
        if request.method == "POST":
            status, is_crowd = 400, sign_up.is_crowd(ip=client_ip(request), now=now)
            if is_crowd:
                status = 429
            elif form.is_valid():
                retried(lambda: _sign_up(request, form, came_by=came_by, now=now))
                thanks = reverse("join-thanks", args=[shop.slug])
                return redirect(f"{thanks}?lang={language}")
        page = _page(shop, language) | {
            "form": form,
            "is_crowd": is_crowd,
            "action": request.path,
            "shown": shown_words.carried(shop=shop, language=language),
        }
        return render(request, "communications/join.html", page, status=status)


def _sign_up(request, form: SignUpForm, *, came_by: str, now) -> None:
    if form.cleaned_data["website"]:
        return  # a program: it is thanked like everybody and nothing is kept
    opting_in.by_page(
        shop=form.shop,
        person=form.person,
        addresses=form.addresses,
        ip=client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
        came_by=came_by,
        words=shown_words.brought_back(request.POST.get("shown", ""), shop=form.shop),
        now=now,
    )


@_open
@require_safe
def thanks(request, slug):
    """The same for everybody, known or new, so that it tells nothing about an address."""
    shop = get_object_or_404(Barbershop, slug=slug)
    language = languages.choose(request, shop=shop)
    with translation.override(language):
        page = _page(shop, language) | {
            "texts_from": sender_for(shop=shop, channel=Channel.SMS).address
        }
        return render(request, "communications/join_thanks.html", page)


@_open
@get_or_post
def confirm(request, uuid):
    """The link of a confirmation email: looking changes nothing, the button confirms."""
    requests = OptInRequest.objects.select_related("shop", "customer")
    asked = requests.filter(uuid=uuid, channel=Channel.EMAIL).first()
    if asked is None:
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        agent = request.headers.get("User-Agent", "")
        retried(lambda: opting_in.by_link(uuid, now=now, ip=client_ip(request), user_agent=agent))
        asked = requests.get(pk=asked.pk)
    language = languages.choose(request, known=asked.customer.language, shop=asked.shop)
    with translation.override(language):
        page = _page(asked.shop, language) | {
            "is_confirmed": sign_up.is_confirmed(asked),
            "is_open": sign_up.is_open(asked, now=now),
            "is_too_old": asked.confirmed_at is None and asked.expires_at <= now,
        }
        return render(request, "communications/join_confirm.html", page)


def _page(shop: Barbershop, language: str) -> dict:
    return {"shop_name": shop.name, "shop": shop, "languages": languages.names(), "lang": language}
