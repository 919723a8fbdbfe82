from barbershop.models.append_only import AppendOnly, AppendOnlyError, AppendOnlyQuerySet
from barbershop.models.audit import AuditChain, AuditDetail, AuditEntry
from barbershop.models.catalog import Barber, Opening, Service
from barbershop.models.owned import ShopOwned, ShopQuerySet, Stamped, one_of
from barbershop.models.shop import Barbershop, ClosedDay, Membership, Organization
from barbershop.models.token import ApiToken, IdempotencyKey, digest_of
from barbershop.models.user import User

__all__ = [
    "ApiToken",
    "AppendOnly",
    "AppendOnlyError",
    "AppendOnlyQuerySet",
    "AuditChain",
    "AuditDetail",
    "AuditEntry",
    "Barber",
    "Barbershop",
    "ClosedDay",
    "IdempotencyKey",
    "Membership",
    "Opening",
    "Organization",
    "Service",
    "ShopOwned",
    "ShopQuerySet",
    "Stamped",
    "User",
    "digest_of",
    "one_of",
]
