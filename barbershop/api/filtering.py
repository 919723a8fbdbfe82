"""Filters, search and order of lists; a word that is not known is refused, not ignored."""

from decimal import Decimal

from django.forms import ChoiceField, ModelChoiceField, NullBooleanField
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.widgets import BooleanWidget
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.pagination import CursorPagination

from barbershop.api.errors import ApiError
from barbershop.nearest import did_you_mean
from barbershop.whole_numbers import LARGEST


class StrictFilterBackend(DjangoFilterBackend):
    """A view may name further words it reads itself in ``extra_query_params``."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        own = _names(filterset.form) if filterset is not None else []
        known = {*own, *_words_of(view), *getattr(view, "extra_query_params", ())}
        for word in request.query_params:
            if word not in known:
                message = f"Unknown filter. {did_you_mean(word, known - {'format'})}"
                raise ApiError("unknown_filter", f"{word}: {message}", {word: [message]})
        if filterset is None:
            return queryset
        _name_choices(filterset.form)
        _read_booleans(filterset.form)
        if not filterset.is_valid():
            raise ValidationError(filterset.errors)
        _refuse_vague(filterset.form)
        _refuse_huge(filterset.form.cleaned_data)
        return filterset.qs


def _words_of(view) -> set[str]:
    """The words beside filters that do something in this list."""
    words = {"format"}
    if view.paginator is not None:
        words |= {"page_size", "cursor" if _pages_by_cursor(view) else "page"}
    if getattr(view, "search_fields", None):
        words.add("search")
    return words | {"ordering"} if _can_be_ordered(view) else words


def _pages_by_cursor(view) -> bool:
    return isinstance(view.paginator, CursorPagination)


def _can_be_ordered(view) -> bool:
    # A cursor is a place in one fixed order.
    return bool(getattr(view, "ordering_fields", None)) and not _pages_by_cursor(view)


def _names(form) -> list[str]:
    """The words a filter form reads: ranges read ``<name>_min`` or ``<name>_after``."""
    names = []
    for name, field in form.fields.items():
        suffixes = getattr(field.widget, "suffixes", None)
        names += [f"{name}_{suffix}" for suffix in suffixes] if suffixes else [name]
    return names


def _name_choices(form) -> None:
    for field in form.fields.values():
        if isinstance(field, ChoiceField) and not isinstance(field, ModelChoiceField):
            known = ", ".join(str(value) for value, _ in field.choices if value)
            field.error_messages["invalid_choice"] = f"It is none of: {known}."


def _read_booleans(form) -> None:
    # A form for people sends 2 and 3 for yes and no, and takes 1 for "unknown".
    for field in form.fields.values():
        if isinstance(field, NullBooleanField):
            field.widget = BooleanWidget()


def _refuse_vague(form) -> None:
    """A word beside true and false would be taken for no filter at all."""
    for name, field in form.fields.items():
        given = form.data.get(name)
        if isinstance(field, NullBooleanField) and given and form.cleaned_data[name] is None:
            message = "Write true or false."
            raise ApiError("invalid", f"{name}: {message}", {name: [message]})


def _refuse_huge(cleaned: dict) -> None:
    # 1e999999999 is a short word and a number that fills the memory once it is made whole.
    for name, value in cleaned.items():
        values = [value.start, value.stop] if isinstance(value, slice) else [value]
        numbers = [number for number in values if isinstance(number, Decimal | int)]
        if not all(-LARGEST <= number <= LARGEST for number in numbers):
            message = "The number is too large."
            raise ApiError("invalid", f"{name}: {message}", {name: [message]})


class StrictSearchFilter(SearchFilter):
    """Documented only where something is searched."""

    def get_schema_operation_parameters(self, view):
        searches = getattr(view, "search_fields", None)
        return super().get_schema_operation_parameters(view) if searches else []


class StrictOrderingFilter(OrderingFilter):
    """Ends every order with the id: without it, rows that tie move between pages."""

    def get_schema_operation_parameters(self, view):
        ordered = _can_be_ordered(view)
        return super().get_schema_operation_parameters(view) if ordered else []

    def remove_invalid_fields(self, queryset, fields, view, request):
        known = [name for name, _ in self.get_valid_fields(queryset, view, {"request": request})]
        for field in fields:
            if field.removeprefix("-") not in known:
                message = f"Unknown order {field}. {did_you_mean(field.removeprefix('-'), known)}"
                raise ApiError("invalid", f"ordering: {message}", {"ordering": [message]})
        return [*fields, "pk"]
