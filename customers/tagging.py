"""Tags of customers, by name."""

from collections.abc import Iterable

from customers.models import Customer, CustomerTag, Tag


def set_tags(customer: Customer, names: Iterable[str]) -> None:
    """Give a customer exactly these tags; names that are new to the shop become tags."""
    wanted = {name.strip() for name in names if name.strip()}
    present = {through.tag.name: through.pk for through in _of(customer)}
    CustomerTag.objects.filter(
        pk__in=[pk for name, pk in present.items() if name not in wanted]
    ).delete()
    missing = wanted - present.keys()
    if not missing:
        return
    Tag.objects.bulk_create(
        (Tag(shop_id=customer.shop_id, name=name) for name in sorted(missing)),
        ignore_conflicts=True,
    )
    tags = Tag.objects.filter(shop=customer.shop_id, name__in=missing)
    CustomerTag.objects.bulk_create(
        (CustomerTag(shop_id=customer.shop_id, customer=customer, tag=tag) for tag in tags),
        ignore_conflicts=True,
    )


def _of(customer: Customer):
    return CustomerTag.objects.filter(customer=customer).select_related("tag")
