"""The public page behind a customer's link for his friends: looking changes nothing."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns import offers, referrals
from campaigns.models import Offer
from communications import languages
from communications.views_join import closed, get_or_post, sign_up_at
from customers.disclosures import spoken


def _public(view: Callable) -> Callable:
    """For everybody; not stored, not indexed, and the address is told to nobody."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        invitation = referrals.read(token)
        if invitation is None or not offers.worth(invitation.offer):
            response = _gone(request)
        elif invitation.referrer.shop.suspended_at is not None:
            response = closed(request, invitation.referrer.shop)
        else:
            response = view(request, token, invitation)
        response["Referrer-Policy"] = "same-origin"  # the form's own check needs as much
        response["X-Robots-Tag"] = "noindex"
        return response

    answer.shopless = True
    return answer


@_public
@require_safe
def invitation(request, token, invitation):
    """Who invites, what both get, and the way to the sign-up."""
    shop, offer = invitation.referrer.shop, invitation.offer
    language = languages.choose(request, shop=shop)
    with translation.override(language):
        page = {
            "shop_name": shop.name,
            "shop": shop,
            "referrer": invitation.referrer.first_name,
            "worth": offers.worth(offer, language),
            "is_service": offer.kind == Offer.Kind.SERVICE,
            "valid_days": offer.valid_days,
            "join_url": f"{reverse('invitation-join', args=[token])}?lang={language}",
            "languages": languages.names(),
            "lang": language,
        }
        return render(request, "campaigns/invitation.html", page)


@_public
@get_or_post
def join(request, token, invitation):
    """The shop's own sign-up; who signs up here was brought by the link's owner."""
    return sign_up_at(request, invitation.referrer.shop, came_by=token)


def _gone(request) -> HttpResponse:
    """A link that was cut, or whose owner, offer or free service is no more: all the same."""
    # Of which shop it was, nobody knows any more: the browser's language it is.
    language = spoken(get_language_from_request(request))
    with translation.override(language):
        return render(request, "campaigns/invitation_gone.html", {"lang": language}, status=404)
