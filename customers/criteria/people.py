"""Facts about the person: name, tags, barber, stage, health, language, source."""

from django.conf.locale import LANG_INFO
from django.db.models import Exists, OuterRef, Q

from barbershop.models import Barber
from customers import tagging
from customers.channels import Channel
from customers.criteria.named import barber_ref, check_rows, check_words, named_barbers
from customers.criteria.registry import Fact, register_fact
from customers.criteria.values import (
    TEXT_SCHEMA,
    Range,
    all_of,
    any_of,
    channel_word,
    list_schema,
    number_range,
    one_or_more,
    range_schema,
    text,
    word_of,
)
from customers.criteria.view import View
from customers.models import Customer, CustomerHealthScore, CustomerTag
from customers.shop_words import folded, once
from customers.tagging import has_tag

BEST_SCORE = 100
Source = Customer.Source
SOURCES = {
    Source.STAFF: "an entry of the staff",
    Source.CSV: "a CSV import",
    Source.API: "the API",
    Source.SIGN_UP: "the sign-up page",
    Source.DEMO: "the demonstration",
}
NOT_COMPUTED = "The product does not compute it yet, so nobody has one."


def _name(words: str, view: View) -> Q:
    condition = Q()
    for word in words.split():
        condition &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return condition


def _tagged(names: tuple[str, ...], view: View) -> Q:
    return has_tag([pk for form in set(map(folded, names)) for pk in view.tags.get(form, ())])


def _tagged_all(names: tuple[str, ...], view: View) -> Q:
    condition = Q()
    for name in names:
        condition &= _tagged((name,), view)
    return condition


def _tags_found(names, customer, *, now) -> str:
    own = CustomerTag.objects.filter(customer=customer).order_by("tag")
    found = sorted(once(own.values_list("tag__name", flat=True)), key=folded)
    return f"tagged {all_of(found)}" if found else "no tag"


def _check_tags(names: tuple[str, ...], path: str, *, shop, segment) -> None:
    check_words(names, path, known=tagging.names_of(shop), kind="tag")


def _barber(refs: tuple[int | str, ...], view: View) -> Q:
    return Q(preferred_barber__in=named_barbers(refs, view.shop))


def _health(condition: Q) -> Q:
    return Q(Exists(CustomerHealthScore.objects.filter(condition, customer=OuterRef("pk"))))


def _has_health(shop) -> bool:
    return CustomerHealthScore.objects.for_shop(shop).exists()


def _stage(stages: tuple[str, ...], view: View) -> Q:
    return _health(Q(stage__in=stages))


def _score(value: Range, view: View) -> Q:
    return _health(Q(score__gte=value.min or 0, score__lte=_most(value.max)))


def _most(most: int | None) -> int:
    return BEST_SCORE if most is None else most


def _health_found(value, customer, *, now) -> str:
    health = CustomerHealthScore.objects.filter(customer=customer).first()
    return f"{health.stage.replace('_', ' ')}, {health.score} of 100" if health else "no score yet"


def _language(languages: tuple[str, ...], view: View) -> Q:
    """``en`` also means ``en-GB``; who named none speaks the shop's language."""
    condition = Q()
    for wanted in languages:
        condition |= Q(language__iexact=wanted) | Q(language__istartswith=f"{wanted}-")
        if view.shop.language.lower() == wanted.lower():
            condition |= Q(language="")
    return condition


def _language_found(value, customer, *, now) -> str:
    if customer.language:
        return _language_name(customer.language)
    return f"none named, so the shop's {_language_name(customer.shop.language)}"


def _language_name(code: str) -> str:
    """``Spanish`` for ``es``; a code that is not known, as it is written."""
    return LANG_INFO.get(code.lower(), {}).get("name", code)


def _source(source: str) -> str:
    return SOURCES.get(source, source)


def _channels(raw, path: str) -> tuple[str, ...]:
    return one_or_more(word_of(Channel.values))(raw, path)


def _reachable(channels: tuple[str, ...], view: View) -> Q:
    condition = Q()
    for channel in channels:
        condition |= ~Q(phone_hmac="") if channel == Channel.SMS else ~Q(email_hmac="")
    return condition


def _reachable_found(value, customer, *, now) -> str:
    known = [name for name, has in (("email", customer.email), ("phone", customer.phone)) if has]
    return f"has {all_of(known)}" if known else "no address"


def _says_channels(channels) -> str:
    return any_of(map(channel_word, channels))


def _person(**fact) -> Fact:
    return register_fact(Fact(group="Person", **fact))


_person(
    name="name",
    description="Every word of it is part of the first or last name, in capitals or not.",
    parse=text,
    q=_name,
    sentence=lambda words, names: f"whose name contains {words}",
    found=lambda value, customer, *, now: customer.full_name or "no name",
    schema=TEXT_SCHEMA,
    example="sam",
)
_person(
    name="tags",
    description="Has at least one of these tags; capitals and spaces do not tell two apart.",
    parse=one_or_more(text),
    q=_tagged,
    sentence=lambda tags, names: f"who are tagged {any_of(names.tags(tags))}",
    found=_tags_found,
    check=_check_tags,
    schema=list_schema(TEXT_SCHEMA),
    example=["vip", "beard"],
)
_person(
    name="tags_all",
    description="Has each of these tags; capitals and spaces do not tell two apart.",
    parse=one_or_more(text),
    q=_tagged_all,
    sentence=lambda tags, names: f"who are tagged {all_of(names.tags(tags))}",
    found=_tags_found,
    check=_check_tags,
    schema=list_schema(TEXT_SCHEMA),
    example=["vip", "beard"],
)
_person(
    name="preferred_barber",
    description="Prefers one of these barbers, by id or external id.",
    parse=one_or_more(barber_ref),
    q=_barber,
    sentence=lambda refs, names: f"who prefer barber {names.any_of(Barber, refs)}",
    found=lambda value, customer, *, now: (
        f"prefers {customer.preferred_barber}" if customer.preferred_barber else "prefers nobody"
    ),
    check=lambda refs, path, *, shop, segment: check_rows(Barber, refs, path, shop=shop),
    schema=list_schema({"type": ["integer", "string"]}),
    example="tony",
)
_person(
    name="language",
    description="Speaks one of these languages, such as en or es.",
    parse=one_or_more(text),
    q=_language,
    sentence=lambda languages, names: f"who speak {any_of(map(_language_name, languages))}",
    found=_language_found,
    schema=list_schema(TEXT_SCHEMA),
    example="es",
)
_person(
    name="source",
    description="How the customer came into the records.",
    parse=one_or_more(word_of(Customer.Source.values)),
    q=lambda sources, view: Q(source__in=sources),
    sentence=lambda sources, names: f"who came by {any_of(map(_source, sources))}",
    found=lambda value, customer, *, now: f"came by {_source(customer.source)}",
    schema=list_schema({"enum": Customer.Source.values}),
    example="sign_up",
)
_person(
    name="reachable",
    description="Has an address for this channel, or for one of these; permission is `consent`.",
    parse=_channels,
    q=_reachable,
    sentence=lambda channels, names: f"who have an address for {_says_channels(channels)}",
    found=_reachable_found,
    schema=list_schema({"enum": Channel.values}),
    example="sms",
)
_person(
    name="lifecycle_stage",
    description=f"Where the customer stands with the shop. {NOT_COMPUTED}",
    offered=_has_health,
    parse=one_or_more(word_of(CustomerHealthScore.Stage.values)),
    q=_stage,
    sentence=lambda stages, names: (
        f"whose stage is {any_of(stage.replace('_', ' ') for stage in stages)}"
    ),
    found=_health_found,
    schema=list_schema({"enum": CustomerHealthScore.Stage.values}),
    example=["at_risk", "lapsed"],
)
_person(
    name="health_score",
    description="How likely the customer is to come again, 0 to 100, as last computed. "
    f"{NOT_COMPUTED}",
    offered=_has_health,
    parse=number_range(most=BEST_SCORE),
    q=_score,
    sentence=lambda value, names: f"whose health score is {value.says('')}",
    found=_health_found,
    schema=range_schema(most=BEST_SCORE),
    example={"max": 40},
)
