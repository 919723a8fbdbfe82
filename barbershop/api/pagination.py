"""Pages by number, and by cursor where counting would be slow."""

from django.core.exceptions import ValidationError
from rest_framework import pagination

from barbershop import whole_numbers
from barbershop.api.errors import ApiError

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


class _PageSize:
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_page_size(self, request) -> int:
        return whole_number(request, "page_size", default=PAGE_SIZE, most=MAX_PAGE_SIZE)


class PageNumberPagination(_PageSize, pagination.PageNumberPagination):
    """``?page=&page_size=``: results, next, previous, count."""

    def get_page_number(self, request, paginator) -> int:
        return whole_number(request, "page", default=1)


class CursorPagination(_PageSize, pagination.CursorPagination):
    """``?cursor=``, newest first, without a count: for tables that grow without end."""

    ordering = "-pk"

    def paginate_queryset(self, queryset, request, view=None):
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):
            # A cursor is only base64: its position may have been edited into anything.
            raise ApiError("invalid", "cursor: This is not a cursor of this list.") from None


def whole_number(request, name: str, *, default: int, most: int | None = None) -> int:
    """A positive number of the query string; a wrong one is refused, not replaced."""
    raw = request.query_params.get(name, "")
    if raw == "":
        return default
    number = whole_numbers.read(raw)
    if not number:
        raise _refusal(name, "Write a positive whole number.")
    if most and number > most:
        raise _refusal(name, f"At most {most}.")
    return number


def _refusal(name: str, message: str) -> ApiError:
    return ApiError("invalid", f"{name}: {message}", {name: [message]})
