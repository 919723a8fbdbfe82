"""Rows of a shop that criteria name, by id (number) or by external id (text), and their names."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Q

from barbershop.models import Barber, Service
from barbershop.whole_numbers import LARGEST
from customers import tagging
from customers.criteria.errors import CriteriaError, ProbableSlip
from customers.criteria.values import any_of, in_money, text, whole_number
from customers.shop_words import folded, once, slip_of

Ref = int | str
SAID = {"name", "first_name", "last_name", "external_id"}  # columns that names are made of


def row_id(raw, path: str) -> int:
    return whole_number(raw, path, least=1, most=LARGEST)


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


def check_words(words: Iterable[str], path: str, *, known: list[str], kind: str) -> None:
    """Raise for the first word of the shop's own making that is probably a misspelling.

    One that is like no other is let through: criteria may be written before anybody has the tag.
    A sentence says of it that nobody has (``Names``).
    """
    forms = set(map(folded, known))
    words = tuple(words)
    for index, word in enumerate(words):
        meant = None if folded(word) in forms else slip_of(word, known)
        if meant:
            where = f"{path}.{index}" if len(words) > 1 else path
            raise ProbableSlip(
                where,
                f'There is no {kind} "{word}" in this shop. Did you mean "{meant}"? One that is '
                "really so much alike has to be in use before criteria name it.",
            )


def services_of(categories: Iterable[str], shop):
    """The services of the shop in these categories, however they are capitalised and spaced."""
    forms = set(map(folded, categories))
    rows = Service.objects.for_shop(shop).values_list("pk", "category")
    return [pk for pk, category in rows if folded(category) in forms]


def check_categories(words: Iterable[str], path: str, *, shop) -> None:
    if words:
        check_words(words, path, known=_categories(shop), kind="service category")


def _categories(shop) -> list[str]:
    return once(Service.objects.for_shop(shop).order_by("pk").values_list("category", flat=True))


class Names:
    """What the rows and the money of a shop are called, for sentences.

    A model is asked once, for all of the shop's rows, and only when a sentence names one of them:
    a page has one ``Names`` for all of its sentences. Of no shop, it leaves rows as they are given.

    Args:
        rows: whether the shop's rows are asked for at all; without them only money and tiers are
            the shop's, as for examples that name nobody's rows.
    """

    def __init__(self, shop=None, *, rows: bool = True):
        self.shop, self.has_rows = shop, rows and shop is not None and shop.pk is not None
        self._words: dict[str, dict[str, str]] = {}
        self._known: dict[type, dict[Ref, tuple[str, str]]] = {}

    def any_of(self, model, refs: Iterable[Ref], *, quoted: bool = False) -> str:
        """``Tony or Ana``; where the shop has no such row, its id as given and ``(gone)``.

        Args:
            quoted: in quotation marks, for names that may be any words.
        """
        return any_of(self._one(model, ref, quoted=quoted) for ref in refs)

    def tags(self, words: Iterable[str]) -> list[str]:
        """Each as the shop writes it; one that the shop does not have says so."""
        return self._own_words(words, "tag", of=tagging.names_of)

    def categories(self, words: Iterable[str]) -> list[str]:
        """The same for categories of services."""
        return self._own_words(words, "category", of=_categories)

    def _own_words(self, words: Iterable[str], kind: str, *, of) -> list[str]:
        if not self.has_rows:
            return list(words)
        if kind not in self._words:
            self._words[kind] = {folded(word): word for word in of(self.shop)}
        known = self._words[kind]
        return [known.get(folded(word)) or f"{word} (no such {kind} yet)" for word in words]

    def money(self, amount: int) -> str:
        """Minor units, in the shop's currency: ``$100.00``."""
        return in_money(amount, self.shop) if self.shop else f"{amount:,} in minor units"

    def _one(self, model, ref: Ref, *, quoted: bool) -> str:
        if model not in self._known:
            self._known[model] = _called(model, self.shop) if self.has_rows else {}
        name, apart = self._known[model].get(ref, ("", ""))
        if not name:
            return f"{ref} (gone)" if self.has_rows else str(ref)
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
