"""The base of every viewset: whose rows, who asks, what may be asked."""

from rest_framework import mixins, viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from barbershop.api.filtering import (
    StrictFilterBackend,
    StrictOrderingFilter,
    StrictSearchFilter,
)
from barbershop.api.idempotency import IdempotencyMixin
from barbershop.models import ApiToken, Barbershop, User


class ShopRequest:
    """What a view of one shop knows about its request."""

    send_actions: frozenset[str] = frozenset()
    needs_send = False

    @property
    def shop(self) -> Barbershop:
        return self.request.shop

    @property
    def actor(self) -> User | None:
        """The person, to pass as ``by=``; None when a token asks."""
        return self.request.user if self.request.user.is_authenticated else None

    @property
    def token(self) -> ApiToken | None:
        return self.request.auth if isinstance(self.request.auth, ApiToken) else None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            # Read here, so that a malformed body is refused even by an action that needs none.
            request.data  # noqa: B018


class ShopAPIView(ShopRequest, IdempotencyMixin, APIView):
    """A view that is not about one kind of row."""


class ShopViewSet(ShopRequest, IdempotencyMixin, viewsets.GenericViewSet):
    """Rows of the asking shop. Set ``model``, or override ``queryset_for(shop)``."""

    model = None
    filter_backends = (StrictFilterBackend, StrictSearchFilter, StrictOrderingFilter)

    def queryset_for(self, shop):
        return self.model.objects.for_shop(shop)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            # The API document is made without a request, so without a shop.
            return self.queryset_for(None).none()
        return self.queryset_for(self.shop)

    def filter_queryset(self, queryset):
        """Filters choose rows of lists; one row is found by its id alone."""
        return queryset if self.detail else super().filter_queryset(queryset)

    def perform_create(self, serializer):
        serializer.save(shop=self.shop)


class ReadOnlyShopViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ShopViewSet):
    pass


class ShopModelViewSet(
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    ReadOnlyShopViewSet,
):
    """No PUT: what a change leaves out keeps its value, so it is a PATCH."""

    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
