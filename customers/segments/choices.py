"""What there is to choose from in a shop, where a fact or one of its values has this name."""

import calendar
from collections.abc import Callable

from barbershop.models import Barber, Service
from customers import tagging
from customers.models import CustomerSegment
from customers.shop_words import folded, once


def barbers(shop) -> list[tuple[int, str]]:
    return [(barber.pk, str(barber)) for barber in Barber.objects.for_shop(shop)]


def services(shop) -> list[tuple[int, str]]:
    return [(service.pk, service.name) for service in Service.objects.for_shop(shop)]


def categories(shop) -> list[tuple[str, str]]:
    rows = Service.objects.for_shop(shop).order_by("pk").values_list("category", flat=True)
    return [(name, name) for name in sorted(once(rows), key=folded)]


def tags(shop) -> list[tuple[str, str]]:
    return [(name, name) for name in tagging.names_of(shop)]


def segments(shop) -> list[tuple[int, str]]:
    return [(segment.pk, segment.name) for segment in CustomerSegment.objects.for_shop(shop)]


def months(shop) -> list[tuple[int, str]]:
    return [(month, calendar.month_name[month]) for month in range(1, 13)]


def by_external_id(model) -> Callable:
    """``(shop, values)`` to the ids of the rows that some of the values are external ids of."""

    def ids(shop, values: list) -> dict[str, int]:
        # What is not printable is nobody's id, and not every database can be asked for it.
        texts = [value for value in values if isinstance(value, str) and value.isprintable()]
        rows = model.objects.for_shop(shop).filter(external_id__in=texts).exclude(external_id="")
        return dict(rows.values_list("external_id", "pk")) if texts else {}

    return ids


def written_otherwise(choices: Callable) -> Callable:
    """``(shop, values)`` to the words among the choices that some of the values are, folded."""

    def meant(shop, values: list) -> dict[str, str]:
        known = {folded(word): word for word, _ in choices(shop)}
        texts = [value for value in values if isinstance(value, str)]
        return {value: known[folded(value)] for value in texts if folded(value) in known}

    return meant
