"""Facts about the person: tags, birthday, barber, stage, language, source."""

import calendar

from django.db.models import Exists, OuterRef, Q

from customers.criteria.errors import CriteriaError
from customers.criteria.registry import Fact, register_fact
from customers.criteria.values import any_of, one_or_more, text, whole_number, word_of
from customers.models import Customer, CustomerHealthScore, CustomerTag


def _tagged(names: tuple[str, ...], *, shop, now) -> Q:
    wanted = CustomerTag.objects.for_shop(shop).filter(
        customer=OuterRef("pk"), tag__shop=shop, tag__name__in=names
    )
    return Q(Exists(wanted))


def _barber_ref(raw, path: str) -> int | str:
    """A barber's id (number) or his external id (text)."""
    if isinstance(raw, str):
        return text(raw, path)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return whole_number(raw, path, least=1, most=2**63 - 1)
    raise CriteriaError(path, "Write a barber's id, or his external id as text.")


def _barber(refs: tuple[int | str, ...], *, shop, now) -> Q:
    ids = [ref for ref in refs if isinstance(ref, int)]
    external_ids = [ref for ref in refs if isinstance(ref, str)]
    return Q(preferred_barber__shop=shop) & (
        Q(preferred_barber__in=ids) | Q(preferred_barber__external_id__in=external_ids)
    )


def _stage(stages: tuple[str, ...], *, shop, now) -> Q:
    return Q(health__shop=shop, health__stage__in=stages)


def _language(languages: tuple[str, ...], *, shop, now) -> Q:
    """``en`` also means ``en-GB``; who named none speaks the shop's language."""
    condition = Q()
    for wanted in languages:
        condition |= Q(language__iexact=wanted) | Q(language__istartswith=f"{wanted}-")
        if shop.language.lower() == wanted.lower():
            condition |= Q(language="")
    return condition


register_fact(
    Fact(
        name="tags",
        description="Has at least one of these tags.",
        parse=one_or_more(text),
        q=_tagged,
        sentence=lambda names: f"who are tagged {any_of(names)}",
    )
)
register_fact(
    Fact(
        name="birthday_month",
        description="Month of birth, 1 to 12.",
        parse=one_or_more(lambda raw, path: whole_number(raw, path, least=1, most=12)),
        q=lambda months, *, shop, now: Q(birth_month__in=months),
        sentence=lambda months: (
            f"whose birthday is in {any_of(calendar.month_name[month] for month in months)}"
        ),
    )
)
register_fact(
    Fact(
        name="preferred_barber",
        description="Prefers one of these barbers, by id or external id.",
        parse=one_or_more(_barber_ref),
        q=_barber,
        sentence=lambda refs: f"who prefer barber {any_of(refs)}",
    )
)
register_fact(
    Fact(
        name="lifecycle_stage",
        description="Where the customer stands with the shop.",
        parse=one_or_more(word_of(CustomerHealthScore.Stage.values)),
        q=_stage,
        sentence=lambda stages: (
            f"whose stage is {any_of(stage.replace('_', ' ') for stage in stages)}"
        ),
    )
)
register_fact(
    Fact(
        name="language",
        description="Speaks one of these languages, such as en or es.",
        parse=one_or_more(text),
        q=_language,
        sentence=lambda languages: f"who speak {any_of(languages)}",
    )
)
register_fact(
    Fact(
        name="source",
        description="How the customer came into the records.",
        parse=one_or_more(word_of(Customer.Source.values)),
        q=lambda sources, *, shop, now: Q(source__in=sources),
        sentence=lambda sources: f"who came by {any_of(sources)}",
    )
)
