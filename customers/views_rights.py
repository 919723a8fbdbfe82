"""A person's rights over his data, as pages: everything that is held about him, and its erasure."""

import datetime as dt
import json
from collections.abc import Iterator
from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from barbershop.api.permissions import SEND
from barbershop.pages import frame, shop_page
from barbershop.plain_text import validate_one_line
from barbershop.templatetags.ui import counted, local_time, money
from customers import erasure, export
from customers.models import Customer

MARK = "<!-- sections -->"  # in the shell; they are written one after the other, as they are read
MONEY = frozenset({"price", "amount", "refunded_amount", "spent", "revenue", "discount"})


def for_owners_and_managers(view):
    @shop_page
    @never_cache
    @wraps(view)
    def guarded(request, pk):
        if SEND not in request.rights:
            raise PermissionDenied("Only owners and managers see and erase all of a person's data.")
        people = Customer.objects.for_shop(request.shop).select_related("shop")
        return view(request, get_object_or_404(people, pk=pk))

    return guarded


@for_owners_and_managers
@require_safe
def data(request, customer):
    """The readable form, in the dashboard."""
    return _readable(request, customer, template="customers/data.html", form="page")


@for_owners_and_managers
@require_safe
def data_html(request, customer):
    """The readable form as a file of its own, to be given to the person."""
    answer = _readable(request, customer, template="customers/data_copy.html", form="html")
    answer["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.html"'
    return answer


@for_owners_and_managers
@require_safe
def data_json(request, customer):
    """The machine-readable form; docs/api.md says how it is built."""
    export.record(customer, by=request.user, form="json", request=request)
    pieces = export.as_json(customer)
    answer = StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.json"'
    return answer


class ErasureForm(forms.Form):
    reason = forms.CharField(
        max_length=erasure.LONGEST_REASON,
        validators=[validate_one_line],
        help_text="Kept in the audit log, without the name of the person: he asked by email, say.",
    )
    also = forms.ModelMultipleChoiceField(
        Customer.objects.none(),
        label="Erase these records, too",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They have the same email address or phone number: the same person, or family.",
    )

    def __init__(self, *args, others, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["also"].queryset = others
        self.fields["also"].label_from_instance = lambda one: f"{one} at {one.shop}"
        if not others.exists():
            del self.fields["also"]


@for_owners_and_managers
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, customer):
    """What it would do in numbers, asked before; then it is done, for good."""
    if customer.erased_at is not None:
        messages.info(request, "This customer has been erased before.")
        return redirect("customer", pk=customer.pk)
    others = erasure.elsewhere(customer, by=request.user)
    form = ErasureForm(request.POST or None, others=others)
    if request.method == "POST" and form.is_valid():
        also = list(form.cleaned_data.get("also", ()))
        with transaction.atomic():
            for one in sorted([customer, *also], key=lambda one: one.pk):
                reason = form.cleaned_data["reason"]
                erasure.erase(one, by=request.user, reason=reason, request=request)
        done = "1 record" if not also else f"{counted(len(also) + 1)} records"
        messages.success(request, f"{done} erased. What is left names nobody.")
        return redirect("customer", pk=customer.pk)
    question = f"Erase {customer.full_name or 'this customer'} for good?"
    context = frame(title=question, section="customers") | {
        "question": question,
        "text": "This cannot be undone. Visits and money stay as numbers without a person. "
        "A message that is being sent at this very moment may still arrive.",
        "consequences": [(counted(number), what) for number, what in erasure.foresee(customer)],
        "form": form,
        "danger": True,
        "confirm_label": "Erase for good",
        "cancel_url": reverse("customer", args=[customer.pk]),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "components/confirm.html", context, status=status)


def _readable(request, customer, *, template: str, form: str) -> StreamingHttpResponse:
    now = timezone.now()
    export.record(customer, by=request.user, form=form, request=request, now=now)
    title = f"Everything held about {customer.full_name or 'this customer'}"
    context = frame(title=title, section="customers", now=now) | {"person": customer, "MARK": MARK}
    head, _, foot = render_to_string(template, context, request=request).partition(MARK)
    return StreamingHttpResponse(_pieces(customer, head, foot, now=now))


def _pieces(customer, head: str, foot: str, *, now: dt.datetime) -> Iterator[str]:
    yield head
    empty = []
    for section in export.sections(customer, now=now):
        count = 0
        for count, row in enumerate(section.rows(), 1):
            if count == 1:
                yield render_to_string("customers/_held_head.html", {"section": section})
            facts = _facts(section, row, shop=customer.shop)
            yield render_to_string("customers/_held_row.html", {"facts": facts})
        if not count:
            empty.append(section.title)
    yield render_to_string("customers/_held_nothing.html", {"titles": empty})
    yield foot


def _facts(section, row: dict, *, shop) -> list[tuple[str, object]]:
    """(label, value) of a row for people; what is empty is left out."""
    facts = []
    for name, value in row.items():
        if name == "id" or value is None or value == "" or value == {}:
            continue
        try:
            column = section.table.model._meta.get_field(name)
        except FieldDoesNotExist:
            column = None
        label = column.verbose_name if column else name.replace("_", " ")
        facts.append((capfirst(label), _in_words(column, name, value, shop=shop)))
    return facts


def _in_words(column, name: str, value, *, shop):
    if isinstance(value, dt.datetime):
        return local_time(value, shop.timezone)
    if name in MONEY and isinstance(value, int):
        return money(value, shop.currency)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    choices = dict(column.flatchoices) if column is not None else {}
    return choices.get(value, value)
