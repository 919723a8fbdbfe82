"""What was written to whom, and which addresses must not be used."""

from django.db import transaction
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from barbershop import audit
from barbershop.api.errors import Conflict
from barbershop.api.pagination import CursorPagination
from barbershop.api.viewsets import ReadOnlyShopViewSet
from communications import suppressions
from communications.api.filters import CommunicationFilter, SuppressionFilter
from communications.api.serializers import (
    CommunicationSerializer,
    LiftSerializer,
    SuppressionSerializer,
)
from communications.models import CustomerCommunication, Suppression


class CommunicationViewSet(ReadOnlyShopViewSet):
    """The ledger, newest first. Tests are in it too; they have no customer.

    `phone` and `email` find what was written to an address, also where the customer has another one
    by now; one that is none is answered with 400.
    """

    model = CustomerCommunication
    serializer_class = CommunicationSerializer
    filterset_class = CommunicationFilter
    pagination_class = CursorPagination

    def queryset_for(self, shop):
        return super().queryset_for(shop).with_state()


class SuppressionViewSet(ReadOnlyShopViewSet):
    """GET lists them, lifted ones too; POST adds one by hand; POST lift ends one."""

    model = Suppression
    serializer_class = SuppressionSerializer
    filterset_class = SuppressionFilter
    ordering_fields = ["created_at"]

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("lift")

    @transaction.atomic
    def create(self, request):
        """Answer 201 for a new suppression, 200 for one that the shop had already."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        suppression, is_new = suppressions.add_by_hand(
            shop=self.shop, by=self.actor, **serializer.validated_data
        )
        if is_new:
            self._audit("suppression.add", suppression, channel=suppression.channel)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(suppression).data, status=code)

    @action(detail=True, methods=["post"], serializer_class=LiftSerializer)
    @transaction.atomic
    def lift(self, request, pk=None):
        """Use the address again. What the person himself said is not the shop's to lift."""
        suppression = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if suppression.cause not in suppressions.LIFTABLE:
            raise Conflict("not_liftable", "Only the person can take this back.")
        reason = serializer.validated_data["reason"]
        if not suppressions.lift(suppression, reason=reason, by=self.actor):
            raise Conflict("already_lifted", "This suppression has ended before.")
        self._audit("suppression.lift", suppression, reason=reason)
        suppression = self.get_queryset().get(pk=suppression.pk)
        shown = SuppressionSerializer(suppression, context=self.get_serializer_context())
        return Response(shown.data)

    def _audit(self, verb: str, suppression: Suppression, **after) -> None:
        audit.record(
            shop=self.shop,
            action=verb,
            by=self.actor,
            token=self.token,
            target=suppression,
            after=after,
            request=self.request,
        )
