"""Who a row is about: by external id, else by email, else by phone.

A row with an external id that is new to the shop takes over a customer who has none yet, the same
address and no other name. Everything is looked up for many rows at once.
"""

from collections import defaultdict
from collections.abc import Iterable

from barbershop.models import Barbershop
from customers.imports.people import Person, Problem
from customers.models import Customer

CALLED = {
    "external_id": "external_id",
    "email_hmac": "email address",
    "phone_hmac": "phone number",
}
COLUMN = {"external_id": "external_id", "email_hmac": "email", "phone_hmac": "phone"}


def key_of(person: Person) -> str:
    """The field that tells who the row is about."""
    return next(name for name in COLUMN if person.fields.get(name))


class Matcher:
    """The customers that some rows may be about."""

    def __init__(self, people: Iterable[Person], *, shop: Barbershop, lock: bool):
        self._rows = Customer.objects.for_shop(shop).order_by("pk")
        if lock:
            # Weak enough for whoever writes a row that points to a customer, as an opt-out does: he
            # would wait for this lock, and the import for his on the consent chain.
            self._rows = self._rows.select_for_update(no_key=True)
        self.customers: dict[int, Customer] = {}
        self._by: dict[str, dict[str, list[Customer]]] = {}
        for name in COLUMN:
            told = [person for person in people if name in person.fields]
            self._by[name] = self._load(name, {person.fields[name] for person in told})
            # Who is found by a better key is not looked for by a worse one; nor is a row with an
            # email address by its phone number, which families share.
            known = self._by[name] if name == "external_id" else {p.fields[name] for p in told}
            people = [person for person in people if person.fields.get(name) not in known]

    def _load(self, name: str, values: set[str]) -> dict[str, list[Customer]]:
        index = defaultdict(list)
        if values:
            # Without "not empty" said aloud, SQLite cannot use the partial unique index.
            found = self._rows.filter(**{f"{name}__in": values}).exclude(**{name: ""})
            for row in found:
                # One object per customer, however he was found.
                index[getattr(row, name)].append(self.customers.setdefault(row.pk, row))
        return index

    def find(self, person: Person, *, taken: set[int]) -> Customer | Problem | None:
        """The customer, nobody (then he is new), or why it cannot be told."""
        key = key_of(person)
        found = self._by[key].get(person.fields[key], [])
        if len(found) > 1:
            message = f"{len(found)} customers have this {CALLED[key]}: give the external_id."
            return Problem(person.line, COLUMN[key], message)
        if found:
            return found[0]
        return self._adopted(person, taken) if key == "external_id" else None

    def _adopted(self, person: Person, taken: set[int]) -> Customer | None:
        key = "email_hmac" if "email_hmac" in person.fields else "phone_hmac"
        free = [
            customer
            for customer in self._by[key].get(person.fields.get(key, ""), [])
            if not customer.external_id
            and customer.pk not in taken
            and _same_name(customer, person)
        ]
        return free[0] if len(free) == 1 else None


def _same_name(customer: Customer, person: Person) -> bool:
    for name in ("first_name", "last_name"):
        known, told = getattr(customer, name).lower(), person.fields.get(name, "").lower()
        if known and told and known != told:
            return False
    return True
