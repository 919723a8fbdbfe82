"""Rows of a shop that criteria name, by id (number) or by external id (text), and their names."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Q

from barbershop.models import Barber
from customers.criteria.errors import CriteriaError
from customers.criteria.values import any_of, in_money, text, whole_number

MOST_ID = 2**63 - 1
Ref = int | str
SAID = {"name", "first_name", "last_name", "external_id"}  # columns that names are made of


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


class Names:
    """What the rows and the money of a shop are called, for sentences.

    A model is asked once, for all of the shop's rows, and only when a sentence names one of them:
    a page has one ``Names`` for all of its sentences. Of no shop, it leaves rows as they are given.
    """

    def __init__(self, shop=None):
        self.shop = shop
        self._known: dict[type, dict[Ref, tuple[str, str]]] = {}

    def any_of(self, model, refs: Iterable[Ref], *, quoted: bool = False) -> str:
        """``Tony or Ana``; an id or external id as it is given where the shop has no such row.

        Args:
            quoted: in quotation marks, for names that may be any words.
        """
        return any_of(self._one(model, ref, quoted=quoted) for ref in refs)

    def money(self, amount: int) -> str:
        """Minor units, in the shop's currency: ``$100.00``."""
        return in_money(amount, self.shop) if self.shop else f"{amount:,} in minor units"

    def _one(self, model, ref: Ref, *, quoted: bool) -> str:
        if model not in self._known:
            self._known[model] = _called(model, self.shop) if self.shop else {}
        name, apart = self._known[model].get(ref, ("", ""))
        if not name:
            return str(ref)
        return f'"{name}"{apart}' if quoted else f"{name}{apart}"


def _called(model, shop) -> dict[Ref, tuple[str, str]]:
    """Each row's name by its id and external id, and what tells it from its namesakes."""
    columns = {field.name for field in model._meta.concrete_fields} & SAID
    rows = list(model.objects.for_shop(shop).only(*columns))
    times = Counter(map(str, rows))
    found: dict[Ref, tuple[str, str]] = {}
    for row in rows:
        found[row.pk] = str(row), f" ({row.pk})" if times[str(row)] > 1 else ""
        if external_id := getattr(row, "external_id", ""):
            found[external_id] = found[row.pk]
    return found
