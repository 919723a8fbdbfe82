"""Rows of a shop that criteria name: by id (number) or by external id (text)."""

from collections.abc import Iterable

from django.db.models import Q

from barbershop.models import Barber
from customers.criteria.errors import CriteriaError
from customers.criteria.values import text, whole_number

MOST_ID = 2**63 - 1
Ref = int | str


def row_id(raw, path: str) -> int:
    return whole_number(raw, path, least=1, most=MOST_ID)


def barber_ref(raw, path: str) -> Ref:
    """A barber's id (number) or his external id (text)."""
    return _ref(raw, path, "Write a barber's id, or his external id as text.")


def service_ref(raw, path: str) -> Ref:
    """A service's id (number) or its external id (text)."""
    return _ref(raw, path, "Write a service's id, or its external id as text.")


def _ref(raw, path: str, hint: str) -> Ref:
    if isinstance(raw, str):
        return text(raw, path)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return row_id(raw, path)
    raise CriteriaError(path, hint)


def named(model, refs: Iterable[Ref], shop):
    """The rows of the shop that are named."""
    ids = [ref for ref in refs if isinstance(ref, int)]
    external_ids = [ref for ref in refs if isinstance(ref, str)]
    return model.objects.for_shop(shop).filter(Q(pk__in=ids) | Q(external_id__in=external_ids))


def named_barbers(refs: Iterable[Ref], shop):
    return named(Barber, refs, shop).values("pk")


def check_rows(model, refs: tuple[Ref, ...], path: str, *, shop) -> None:
    """Raise for the first name that nothing of the shop has."""
    known = set()
    for row in named(model, refs, shop).only("pk", "external_id"):
        known |= {row.pk, row.external_id}
    for index, ref in enumerate(refs):
        if ref not in known:
            where = f"{path}.{index}" if len(refs) > 1 else path
            kind = model._meta.verbose_name
            raise CriteriaError(where, f"There is no {kind} {ref} in this shop.")
