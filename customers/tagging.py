"""Tags of customers, by name: capitals and spaces do not tell two tags apart.

Rows that differ in nothing else may be there all the same, from another time or by two writers at
once. So whoever asks for a tag asks for all rows of its form (``ids_of``).
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from barbershop.models import Barbershop
from customers.models import Customer, CustomerTag, Tag
from customers.shop_words import folded, once

CHUNK = 500


def set_tags(wanted: Iterable[tuple[Customer, Iterable[str]]], *, shop: Barbershop) -> None:
    """Give each customer exactly these tags; names that are new to the shop become tags."""
    wanted = list(wanted)
    pairs = {
        (customer.pk, folded(name)): name for customer, names in wanted for name in once(names)
    }
    present = [
        (pk, (customer_id, folded(name)))
        for part in _chunks([customer.pk for customer, _ in wanted])
        for pk, customer_id, name in CustomerTag.objects.for_shop(shop)
        .filter(customer__in=part)
        .values_list("pk", "customer_id", "tag__name")
    ]
    for part in _chunks([pk for pk, pair in present if pair not in pairs]):
        CustomerTag.objects.filter(pk__in=part).delete()
    has = {pair for _, pair in present}
    _give([(pk, name) for (pk, form), name in pairs.items() if (pk, form) not in has], shop=shop)


def add_tags(wanted: Iterable[tuple[Customer, str]], *, shop: Barbershop) -> None:
    """Give customers tags beside those that they have."""
    _give([(customer.pk, name) for customer, name in wanted], shop=shop)


def names_of(shop: Barbershop) -> list[str]:
    """The shop's tags, each as it was written first, by name."""
    return sorted(once(_by_age(shop).values_list("name", flat=True)), key=folded)


def ids_of(names: Iterable[str], *, shop: Barbershop) -> list[int]:
    """Every tag row of the shop that is meant by one of these names."""
    forms = set(map(folded, names))
    return [pk for pk, name in _by_age(shop).values_list("pk", "name") if folded(name) in forms]


def tagged(names: Iterable[str], *, shop: Barbershop) -> Q:
    """Customers of the shop who have one of these tags."""
    return has_tag(ids_of(names, shop=shop))


def has_tag(ids: list[int]) -> Q:
    """Customers with one of these tag rows; one with two of them is found once."""
    return Q(Exists(CustomerTag.objects.filter(customer=OuterRef("pk"), tag__in=ids)))


def _give(pairs: list[tuple[int, str]], *, shop: Barbershop) -> None:
    if not pairs:
        return
    ids = _made([name for _, name in pairs], shop=shop)
    CustomerTag.objects.bulk_create(
        (CustomerTag(shop=shop, customer_id=pk, tag_id=ids[folded(name)]) for pk, name in pairs),
        batch_size=CHUNK,
        ignore_conflicts=True,
    )


def _made(names: list[str], *, shop: Barbershop) -> dict[str, int]:
    """The first tag of each form; missing ones are made."""
    known = _first(shop)
    missing = sorted(name for name in once(names) if folded(name) not in known)
    if not missing:
        return known
    Tag.objects.bulk_create(
        (Tag(shop=shop, name=name) for name in missing), batch_size=CHUNK, ignore_conflicts=True
    )
    return _first(shop)


def _first(shop: Barbershop) -> dict[str, int]:
    found: dict[str, int] = {}
    for pk, name in _by_age(shop).values_list("pk", "name"):
        found.setdefault(folded(name), pk)
    return found


def _by_age(shop: Barbershop):
    return Tag.objects.for_shop(shop).order_by("pk")


def _chunks(values: list) -> list[list]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
