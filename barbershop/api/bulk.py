"""One row or a thousand, created or updated by the other system's ``external_id``."""

from django.db import IntegrityError
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from barbershop import deadlocks
from barbershop.api.batch import Batch, with_external_ids
from barbershop.api.errors import ApiError
from barbershop.api.schema import BulkAnswerSerializer, bulk_request

MOST_ITEMS = 1000


class UpsertMixin:
    """``POST`` updates (200) the row whose ``external_id`` is given, else creates one (201).

    What an update leaves out keeps its value. ``POST …/bulk`` does the same for a list of up to
    1,000, each with its own result; rows are written together, so the serializer's ``create``
    and ``update`` are not asked: what is no column goes by its ``save_aside``.
    """

    list_actions = frozenset({"bulk"})

    def create(self, request, *args, **kwargs):
        row, created = self._upsert(request.data)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        row = self.get_queryset().get(pk=row.pk)  # with all that a list shows
        return Response(self.get_serializer(row).data, status=code)

    def _upsert(self, data: dict) -> tuple[object, bool]:
        existing = self._existing(data.get("external_id"))
        serializer = self.get_serializer(existing, data=data, partial=existing is not None)
        try:
            serializer.is_valid(raise_exception=True)
            if existing is None:
                self.perform_create(serializer)
            else:
                self.perform_update(serializer)
        except (IntegrityError, ValidationError):
            # Somebody else has created it since we looked: then this is an update.
            if existing is not None or self._existing(data.get("external_id")) is None:
                raise
            return self._upsert(data)
        return serializer.instance, existing is None

    def perform_create(self, serializer):
        deadlocks.retried(lambda: super(UpsertMixin, self).perform_create(serializer))

    def perform_update(self, serializer):
        deadlocks.retried(lambda: super(UpsertMixin, self).perform_update(serializer))

    def _existing(self, external_id):
        if not isinstance(external_id, str) or not external_id:
            return None
        return with_external_ids(self.get_queryset(), [external_id.strip()]).first()

    def queryset_for_bulk(self, shop):
        """The rows as they are written; lists may show more, which costs more."""
        return self.queryset_for(shop)

    def hold_for_bulk(self, rows: list) -> None:
        """Lock what writing these rows will lock beside them, for a kind whose rows do."""

    def wrote_in_bulk(self, rows: list) -> None:
        """What else changes with these stored rows, in the transaction that updates them."""

    def note_on_bulk(self, rows: list) -> str:
        """What people should know about the rows of a bulk call, in a sentence; mostly nothing."""
        return ""

    @extend_schema(request=bulk_request, responses={200: BulkAnswerSerializer})
    @action(detail=False, methods=["post"], url_path="bulk")
    def bulk(self, request):
        """Create or update up to 1,000 rows; each item has its own result."""
        return Response(Batch(view=self, items=items_of(request.data)).run())


def items_of(data) -> list:
    """The list itself, or ``{"items": […]}``."""
    items = data
    if isinstance(data, dict):
        items = data.get("items")
        if set(data) != {"items"} or not isinstance(items, list):
            message = 'Send a list, or {"items": [...]} and nothing else.'
            raise ApiError("invalid", message, {"items": [message]})
    if not 1 <= len(items) <= MOST_ITEMS:
        message = f"Send 1 to {MOST_ITEMS} items; these are {len(items)}."
        raise ApiError("invalid", message, {"items": [message]})
    return items
