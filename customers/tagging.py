"""Tags of customers, by name."""

from collections.abc import Iterable

from barbershop.models import Barbershop
from customers.models import Customer, CustomerTag, Tag

CHUNK = 500


def set_tags(wanted: Iterable[tuple[Customer, Iterable[str]]], *, shop: Barbershop) -> None:
    """Give each customer exactly these tags; names that are new to the shop become tags."""
    wanted = list(wanted)
    pairs = dict.fromkeys(
        (customer.pk, name.strip()) for customer, names in wanted for name in names if name.strip()
    )
    present = {
        (customer_id, name): pk
        for part in _chunks([customer.pk for customer, _ in wanted])
        for pk, customer_id, name in CustomerTag.objects.for_shop(shop)
        .filter(customer__in=part)
        .values_list("pk", "customer_id", "tag__name")
    }
    for part in _chunks([pk for pair, pk in present.items() if pair not in pairs]):
        CustomerTag.objects.filter(pk__in=part).delete()
    missing = [pair for pair in pairs if pair not in present]
    ids = _tag_ids({name for _, name in missing}, shop=shop)
    CustomerTag.objects.bulk_create(
        (CustomerTag(shop=shop, customer_id=pk, tag_id=ids[name]) for pk, name in missing),
        batch_size=CHUNK,
        ignore_conflicts=True,
    )


def _tag_ids(names: set[str], *, shop: Barbershop) -> dict[str, int]:
    """Ids by name; missing tags are made."""
    if not names:
        return {}
    Tag.objects.bulk_create(
        (Tag(shop=shop, name=name) for name in sorted(names)),
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    return {
        name: pk
        for part in _chunks(sorted(names))
        for name, pk in Tag.objects.for_shop(shop).filter(name__in=part).values_list("name", "pk")
    }


def _chunks(values: list) -> list[list]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
