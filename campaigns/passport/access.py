"""Who may see a passport. It holds numbers, IP addresses and whole messages."""

from barbershop.models import Membership
from barbershop.tenancy import reaches, role_in

LEAST_ROLE = Membership.Role.MANAGER


def may_see(user, shop) -> bool:
    return reaches(role_in(user, shop), LEAST_ROLE)
