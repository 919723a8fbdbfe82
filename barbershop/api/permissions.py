"""Who may do what through the API: scopes for tokens, roles for people."""

from rest_framework.permissions import SAFE_METHODS, BasePermission

from barbershop.models import Membership
from barbershop.tenancy import role_in

READ, WRITE, SEND = "read", "write", "send"
SCOPES = (READ, WRITE, SEND)

_Role = Membership.Role
ALLOWED = {
    _Role.READ_ONLY: frozenset({READ}),
    _Role.STAFF: frozenset({READ, WRITE}),
    _Role.MANAGER: frozenset(SCOPES),
    _Role.OWNER: frozenset(SCOPES),
}


class ShopAccess(BasePermission):
    """Needs a shop, and the scope of the request: read, write, or send (messages leave)."""

    def has_permission(self, request, view) -> bool:
        shop = getattr(request, "shop", None)
        if shop is None:
            self.message = "You do not belong to any shop."
            return False
        needed = scope_needed(request, view)
        self.message = f'This needs the scope "{needed}".'
        if request.auth is not None:
            return needed in request.auth.scope_set
        return needed in ALLOWED.get(role_in(request.user, shop), ())


def scope_needed(request, view) -> str:
    if request.method in SAFE_METHODS:
        return READ
    sends = getattr(view, "needs_send", False)
    sends = sends or getattr(view, "action", None) in getattr(view, "send_actions", ())
    return SEND if sends else WRITE
