"""A person's rights over his data: a copy of all of it, and its erasure."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from barbershop.api.fields import StrictCharField
from barbershop.api.permissions import ALLOWED, SEND, ShopAccess
from barbershop.api.serializers import refuse_unknown
from barbershop.api.viewsets import ShopViewSet
from barbershop.plain_text import validate_one_line
from barbershop.tenancy import role_in
from customers import erasure, export
from customers.models import Customer


class FullAccess(BasePermission):
    """The highest right there is, also to read: managers and owners have it."""

    message = f'This needs the scope "{SEND}".'

    def has_permission(self, request, view) -> bool:
        if request.auth is not None:
            return SEND in request.auth.scope_set
        return SEND in ALLOWED.get(role_in(request.user, request.shop), ())


class ErasureRequest(serializers.Serializer):
    reason = StrictCharField(
        max_length=erasure.LONGEST_REASON,
        validators=[validate_one_line],
        help_text="Why, for the audit log; the person's names and addresses are struck out of it.",
    )

    def to_internal_value(self, data):
        refuse_unknown(data, self.fields)
        return super().to_internal_value(data)


class ErasureAnswer(serializers.Serializer):
    customer = serializers.IntegerField()
    erased_at = serializers.DateTimeField()
    is_new = serializers.BooleanField(help_text="False when he had been erased before.")
    rows = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows of each table were emptied."
    )


class CustomerRightsViewSet(ShopViewSet):
    model = Customer
    serializer_class = ErasureRequest
    permission_classes = (ShopAccess, FullAccess)
    send_actions = frozenset({"erase"})

    @extend_schema(
        operation_id="customers_export",
        responses={200: OpenApiTypes.OBJECT},
    )
    def export(self, request, pk=None):
        """Everything that is held about one person, erased people included. Streams."""
        customer = self.get_object()
        export.record(
            customer, by=self.actor, token=self.token, form="json", request=request._request
        )
        answer = StreamingHttpResponse(
            export.as_json(customer), content_type="application/json; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.json"'
        return answer

    @extend_schema(
        operation_id="customers_erase", request=ErasureRequest, responses={200: ErasureAnswer}
    )
    def erase(self, request, pk=None):
        """Erase one person for good. Repeated, it changes nothing and answers the same."""
        customer = self.get_object()
        asked = ErasureRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        done = erasure.erase(
            customer,
            by=self.actor,
            token=self.token,
            reason=asked.validated_data["reason"],
            request=request._request,
        )
        return Response(
            {
                "customer": done.customer.pk,
                "erased_at": done.customer.erased_at,
                "is_new": done.is_new,
                "rows": done.rows,
            }
        )
