"""Whose rows a request may see: the shop of the token, or the one a person has chosen."""

from django.conf import settings

from barbershop.models import Barbershop, Membership

SESSION_KEY = "shop_id"

_Role = Membership.Role
_RANK = {_Role.READ_ONLY: 0, _Role.STAFF: 1, _Role.MANAGER: 2, _Role.OWNER: 3}


class ShopMiddleware:
    """Sets ``request.shop``: a shop for people who have signed in and belong to one, else None.

    Views marked ``shopless = True`` (liveness) are left alone, so that they need no database.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.shop = None
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and not getattr(view_func, "shopless", False):
            request.shop = current_shop(request)


def current_shop(request) -> Barbershop | None:
    """The shop chosen in this session while it is still allowed, else the person's first."""
    shops = Barbershop.objects.for_user(request.user)
    chosen = request.session.get(SESSION_KEY)
    return (shops.filter(pk=chosen).first() if chosen else None) or shops.first()


def role_in(user, shop) -> Membership.Role | None:
    """What a person may do in a shop; of two memberships (shop, organisation) the higher."""
    if not user.is_authenticated or shop is None:
        return None
    if user.is_superuser:
        return _Role.OWNER
    here = Membership.objects.filter(user=user, shop=shop)
    everywhere = Membership.objects.filter(
        user=user, shop__isnull=True, organization=shop.organization_id
    )
    roles = [_Role(role) for role in here.union(everywhere).values_list("role", flat=True)]
    return max(roles, key=_RANK.__getitem__, default=None)


def roles_of(user) -> dict[int, Membership.Role]:
    """The same for all shops of a person at once: ``{shop id: role}``, in two queries."""
    if not user.is_authenticated:
        return {}
    memberships = list(
        Membership.objects.filter(user=user).values_list("shop", "organization", "role")
    )
    here = {shop: _Role(role) for shop, _, role in memberships if shop is not None}
    everywhere = {org: _Role(role) for shop, org, role in memberships if shop is None}
    shops = Barbershop.objects.for_user(user).values_list("pk", "organization")
    if user.is_superuser:
        return {shop: _Role.OWNER for shop, _ in shops}
    return {
        shop: max(filter(None, (here.get(shop), everywhere.get(org))), key=_RANK.__getitem__)
        for shop, org in shops
    }


def reaches(role: Membership.Role | None, needed: Membership.Role) -> bool:
    """Whether a role is the needed one or a higher one."""
    return role is not None and _RANK[role] >= _RANK[needed]


def shop_context(request) -> dict:
    """For every template: the shop, the shops one may change to, whether this is the demo."""
    user = getattr(request, "user", None)
    return {
        "shop": getattr(request, "shop", None),
        "shops": Barbershop.objects.for_user(user) if user else Barbershop.objects.none(),
        "demo_mode": settings.DEMO,
    }
