"""What a sign-up tells of somebody else than the customer on whose record it stands.

A family shares a number. The number is the record of one of them, and when another signs up with
it, the record keeps the name he typed, his IP and his browser. They are data about him: they go
when he is erased, and the customer is not shown his name. The wording stays, as her evidence.
"""

import re

from django.db.models import Q, QuerySet

from customers.models import ContactConsentDetail, Customer, OptInRequest

# As ``sign_up`` begins the note of such a consent; what confirmed it may follow.
_SIGNED_UP_AS = "Signed up as {name}."
_FOLLOWS = " Asked "
_SENTENCE = re.compile(r"^Signed up as .+?\.(?: (?=Asked \d)|$)")


def forget(customer: Customer) -> dict[str, int]:
    """Take this customer's traces out of the sign-ups that others have; before he is emptied.

    Returns:
        How many rows of each table.
    """
    emptied = {"ip": None, "user_agent": ""}
    counts = {}
    # The consents first: they are found by the sign-ups' names.
    for rows, column in ((consents(customer), "note"), (sign_ups(customer), "typed_name")):
        if count := rows.order_by().update(**{column: ""}, **emptied):
            counts[rows.model._meta.label_lower] = count
    return counts


def count(customer: Customer) -> int:
    return consents(customer).count() + sign_ups(customer).count()


def sign_ups(customer: Customer) -> QuerySet[OptInRequest]:
    """Those on other records of his shop that were made under his name."""
    name = customer.full_name
    if not name:
        return OptInRequest.objects.none()
    shop = OptInRequest.objects.filter(shop=customer.shop_id)
    found = shop.filter(typed_name__iexact=name).exclude(customer=customer.pk)
    # A namesake's own sign-up is his own.
    found = found.exclude(
        customer__first_name__iexact=customer.first_name,
        customer__last_name__iexact=customer.last_name,
    )
    if customer.first_name and customer.last_name:
        return found
    # A first name alone does not say who is meant, unless both boxes were ticked at once.
    his = shop.filter(customer=customer.pk, typed_name__iexact=name)
    return found.filter(asked_at__in=his.order_by().values("asked_at"))


def consents(customer: Customer) -> QuerySet[ContactConsentDetail]:
    """The proof that came of ``sign_ups`` and says his name."""
    said = _SIGNED_UP_AS.format(name=customer.full_name)
    return ContactConsentDetail.objects.filter(
        Q(note__iexact=said) | Q(note__istartswith=said + _FOLLOWS),
        shop=customer.shop_id,
        consent__customer__in=sign_ups(customer).order_by().values("customer"),
    )


def leave_out_names(rows: list[dict]) -> None:
    """Of exported sign-ups: the names that are not the customer's own."""
    asked = OptInRequest.objects.filter(pk__in=[row["id"] for row in rows])
    own = {each.pk: each.customer.full_name for each in asked.select_related("customer")}
    for row in rows:
        if row["typed_name"].casefold() != own[row["id"]].casefold():
            row["typed_name"] = ""


def leave_out_notes(rows: list[dict]) -> None:
    """Of exported consents: the sentence with such a name."""
    for row in rows:
        row["note"] = _SENTENCE.sub("", row["note"])
