"""What some rows would change; nothing is written here, so a dry run ends after it."""

import datetime as dt
from dataclasses import dataclass, field

from barbershop.models import Barbershop
from customers.channels import Channel, Topic
from customers.consent import ADDRESS_CHANGED, Decision, Statement
from customers.imports.matching import CALLED, COLUMN, Matcher, key_of
from customers.imports.people import Person, Problem
from customers.imports.seen import Seen
from customers.models import ContactConsent, Customer, CustomerTag
from customers.shop_words import folded

SOURCE = "csv import"
MARKS = {"external_id": "x", "email_hmac": "e", "phone_hmac": "p"}


@dataclass
class Change:
    """A customer, new or known, with what a row adds to him."""

    person: Person
    customer: Customer
    was_new: bool
    fields: set[str]  # that get another value
    tags: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    opt_outs: list[Statement] = field(default_factory=list)  # also those that are no news

    @property
    def has_moved(self) -> bool:
        """Whether he has another address than before."""
        return not self.fields.isdisjoint({"email", "phone"})

    @property
    def is_change(self) -> bool:
        return bool(self.fields or self.tags or self.statements)


@dataclass
class Plan:
    changes: list[Change]
    problems: list[Problem]
    seen: dict[str, int]  # keys of the accepted rows, for ``Seen``


class Planner:
    """Works out the plan of some rows against the shop as it is now."""

    def __init__(self, people: list[Person], *, shop: Barbershop, seen: Seen, lock: bool):
        self._people, self._shop = people, shop
        self._matcher = Matcher(people, shop=shop, lock=lock)
        known = self._matcher.customers
        self._seen = seen.lines({key for p in people for key in (*_keys(p), *_rivals(p))})
        self._taken = _taken(seen, known)
        self._tags = CustomerTag.objects.for_shop(shop).filter(customer__in=list(known))
        self._said = _latest_consents(known)

    def plan(self, *, now: dt.datetime) -> Plan:
        tags = self._tags.values_list("customer_id", "tag__name")
        has_tag = {(pk, folded(name)) for pk, name in tags}
        plan = Plan([], [], {})
        for person in self._people:
            found = self._find(person)
            if isinstance(found, Problem):
                plan.problems.append(found)
                continue
            fields = _apply(person, found)
            change = Change(person, found, was_new=found.pk is None, fields=fields)
            change.tags = [tag for tag in person.tags if (found.pk, folded(tag)) not in has_tag]
            if person.email_opted_out:
                said = _statement(found, Channel.EMAIL, Decision.OPTED_OUT, SOURCE, now)
                change.opt_outs = [said]
            change.statements = self._statements(person, found, change.opt_outs, now=now)
            plan.changes.append(change)
            keys = [*_keys(person), *([_pk_key(found.pk)] if found.pk else [])]
            for key in keys:
                self._seen.setdefault(key, person.line)
                plan.seen.setdefault(key, person.line)
        return plan

    def _find(self, person: Person) -> Customer | Problem:
        key = key_of(person)
        for rival, name in _rivals(person).items():
            if rival in self._seen:
                message = f"This {CALLED[name]} is on line {self._seen[rival]} already."
                return Problem(person.line, COLUMN[name], message)
        found = self._matcher.find(person, taken=set(self._taken))
        if found is None:
            found = Customer(shop=self._shop, source=Customer.Source.CSV)
        if isinstance(found, Problem):
            return found
        if found.pk in self._taken:
            message = f"It is the same customer as on line {self._taken[found.pk]}."
            return Problem(person.line, COLUMN[key], message)
        if person.claims_sms_consent and not (person.fields.get("phone") or found.phone):
            message = "Consent to texts needs a phone number."
            return Problem(person.line, "phone", message)
        if found.pk:
            self._taken[found.pk] = person.line
        return found

    def _statements(self, person: Person, customer: Customer, opt_outs, *, now) -> list[Statement]:
        email_said = self._said.get((customer.pk, Channel.EMAIL))
        is_news = email_said is None or email_said.decision != Decision.OPTED_OUT
        told = [*opt_outs] if is_news else []
        if person.claims_sms_consent:
            told += _sms_statement(
                person, customer, self._said.get((customer.pk, Channel.SMS)), now=now
            )
        return told


def _sms_statement(person: Person, customer: Customer, said, *, now) -> list[Statement]:
    """Nothing, where the customer has decided since, or has been recorded from this file before."""
    given_at = person.sms_consent_at or now
    source = person.sms_consent_source or SOURCE
    # Consent is given for a number: a row that names none does not say for which.
    if not (person.proves_sms_consent and person.fields.get("phone")):
        if said is not None:
            return []
        return [_statement(customer, Channel.SMS, Decision.UNPROVEN, source, given_at)]
    is_settled = said and (said.decision != Decision.UNPROVEN or said.source == ADDRESS_CHANGED)
    if is_settled and given_at <= said.given_at:
        return []
    text = person.sms_consent_text
    return [_statement(customer, Channel.SMS, Decision.OPTED_IN, source, given_at, text)]


def _statement(customer, channel, decision, source, given_at, text="") -> Statement:
    return Statement(
        customer=customer,
        channel=channel,
        decision=decision,
        source=source,
        given_at=given_at,
        disclosure_text=text,
    )


def _apply(person: Person, customer: Customer) -> set[str]:
    """Give the customer the row's values; what the row leaves empty stays."""
    wanted = dict(person.fields)
    same_day = (customer.birth_month, customer.birth_day) == (
        wanted.get("birth_month"),
        wanted.get("birth_day"),
    )
    if same_day and wanted.get("birth_year") is None:
        wanted.pop("birth_year", None)
    changed = {name for name, value in wanted.items() if getattr(customer, name) != value}
    for name in changed:
        setattr(customer, name, wanted[name])
    return changed


def _keys(person: Person) -> list[str]:
    """All by which the row can be known again. Capitals: the field by which it is keyed."""
    marks = {"external_id": "x", "email_hmac": "e", "phone_hmac": "p"}
    keys = [
        f"{mark}:{person.fields[name]}" for name, mark in marks.items() if name in person.fields
    ]
    key = key_of(person)
    return [*keys, f"{marks[key].upper()}:{person.fields[key]}"]


def _rivals(person: Person) -> dict[str, str]:
    """Keys of an earlier row that would be about the same person, and the field of each."""
    told, key = person.fields, key_of(person)
    rivals = {f"{MARKS[key]}:{told[key]}": key}
    if key == "external_id" and "email_hmac" in told:
        rivals[f"E:{told['email_hmac']}"] = "email_hmac"
    elif key == "external_id" and "phone_hmac" in told:
        rivals[f"P:{told['phone_hmac']}"] = "phone_hmac"
    return rivals


def _pk_key(pk: int) -> str:
    return f"c:{pk}"


def _taken(seen: Seen, known: dict[int, Customer]) -> dict[int, int]:
    by_key = {_pk_key(pk): pk for pk in known}
    return {by_key[key]: line for key, line in seen.lines(by_key).items()}


def _latest_consents(known: dict[int, Customer]) -> dict[tuple[int, str], ContactConsent]:
    latest = ContactConsent.objects.filter(customer__in=list(known), topic=Topic.MARKETING).latest()
    return {(entry.customer_id, entry.channel): entry for entry in latest}
