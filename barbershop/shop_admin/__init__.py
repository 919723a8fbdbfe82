"""What the admin classes of all floors stand on: whose rows, which role, one shop per row."""

from barbershop.shop_admin.filters import MomentFilter, ShopFilter
from barbershop.shop_admin.forms import OneShopForm, StorableJSONField
from barbershop.shop_admin.options import ShopAdmin, ShopTabularInline, ViewOnlyAdmin

__all__ = [
    "MomentFilter",
    "OneShopForm",
    "ShopAdmin",
    "ShopFilter",
    "ShopTabularInline",
    "StorableJSONField",
    "ViewOnlyAdmin",
]
