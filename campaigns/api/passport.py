"""``GET customers/{id}/passport``: why this person was written to."""

from typing import NoReturn
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from barbershop.api.errors import ApiError
from barbershop.api.permissions import SEND, ShopAccess
from barbershop.api.viewsets import ShopViewSet
from barbershop.nearest import did_you_mean
from campaigns import passport
from customers.models import Customer

WORDS = ("communication",)


class PassportAccess(ShopAccess):
    """Managers and owners; of tokens those with a manager's highest scope."""

    def has_permission(self, request, view) -> bool:
        if not super().has_permission(request, view):
            return False
        if request.auth is not None:
            self.message = f'This needs the scope "{SEND}".'
            return SEND in request.auth.scope_set
        self.message = "Only a manager or an owner may see it."
        return passport.may_see(request.user, request.shop)


class PassportViewSet(ShopViewSet):
    """One customer's passport. Looking is kept in the audit log."""

    model = Customer
    permission_classes = (PassportAccess,)

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("shop")

    @extend_schema(
        summary="Everything about one person, and one message to him: why it was sent",
        description=(
            "Every consent entry with its evidence and whether the chain is whole, sign-ups, "
            "suppressions and lifts, answers; with `communication` also the message as it was "
            "sent, the verdict, every call and every report. Each look is kept in the audit log."
        ),
        parameters=[
            OpenApiParameter(
                "communication", OpenApiTypes.UUID, description="The uuid of a message to him."
            )
        ],
        responses=OpenApiTypes.OBJECT,
        tags=["customers"],
    )
    def retrieve(self, request, pk):
        for word in request.query_params:
            if word not in {*WORDS, "format"}:
                _refuse(word, f"Unknown parameter. {did_you_mean(word, WORDS)}")
        try:
            found = passport.of(
                self.get_object(),
                communication=_uuid(request.query_params.get("communication")),
                by=self.actor,
                token=self.token,
                request=request,
                now=timezone.now(),
            )
        except passport.NotHis as error:
            raise ApiError("not_found", str(error), status=404) from error
        return Response(found)


def _uuid(raw: str | None) -> UUID | None:
    if raw is None:
        return None
    try:
        return UUID(raw)
    except ValueError:
        _refuse("communication", "Must be the uuid of a message.")


def _refuse(word: str, message: str) -> NoReturn:
    raise ApiError("invalid", f"{word}: {message}", {word: [message]})
