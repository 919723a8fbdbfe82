"""What there is to choose from in a shop, where a fact or one of its values has this name."""

import calendar

from barbershop.models import Barber, Service
from customers.models import CustomerSegment, Tag


def barbers(shop) -> list[tuple[int, str]]:
    return [(barber.pk, str(barber)) for barber in Barber.objects.for_shop(shop)]


def services(shop) -> list[tuple[int, str]]:
    return [(service.pk, service.name) for service in Service.objects.for_shop(shop)]


def categories(shop) -> list[tuple[str, str]]:
    rows = Service.objects.for_shop(shop).exclude(category="").order_by("category")
    return [(name, name) for name in rows.values_list("category", flat=True).distinct()]


def tags(shop) -> list[tuple[str, str]]:
    return [(tag.name, tag.name) for tag in Tag.objects.for_shop(shop)]


def segments(shop) -> list[tuple[int, str]]:
    return [(segment.pk, segment.name) for segment in CustomerSegment.objects.for_shop(shop)]


def months(shop) -> list[tuple[int, str]]:
    return [(month, calendar.month_name[month]) for month in range(1, 13)]
