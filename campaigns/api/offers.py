"""Offers, the codes given out for them, and the till that takes one."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled
from rest_framework.response import Response

from barbershop.api.errors import ApiError
from barbershop.api.fields import StrictCharField, StrictIntegerField
from barbershop.api.pagination import CursorPagination
from barbershop.api.serializers import LARGEST, ShopRelatedField
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import codes, guessing, offers, redeeming, referrals
from campaigns.api.fields import StrictSerializer
from campaigns.api.refusing import RefusalsAnswered
from campaigns.models import Offer, OfferCode
from customers.models import Appointment


class ShopOfferSerializer(serializers.ModelSerializer):
    """``value`` is per cent or minor units, ``worth`` the same in words; ``given`` is what the
    redeemed codes took off, in minor units."""

    worth = serializers.SerializerMethodField()
    issued = serializers.IntegerField(read_only=True)
    redeemed = serializers.IntegerField(read_only=True)
    given = serializers.IntegerField(read_only=True)

    class Meta:
        model = Offer
        fields = [
            "id",
            "name",
            "kind",
            "value",
            "service",
            "worth",
            "valid_days",
            "code_prefix",
            "issued",
            "redeemed",
            "given",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_worth(self, offer) -> str:
        return offers.worth(offer)


class OfferCodeSerializer(serializers.ModelSerializer):
    """``state`` says whether it can be redeemed now, ``worth`` what it is worth; ``discount`` is
    what was taken off, in minor units. ``expires_at`` is the first moment at which it counts no
    more. ``reason`` says why ``customer`` has it: ``campaign``, or as a reward ``brought_a_friend``
    (``friend``) or ``was_brought`` (by ``referrer``). No message is sent about a reward."""

    offer_name = serializers.CharField(source="offer.name", read_only=True)
    kind = serializers.CharField(source="offer.kind", read_only=True)
    value = serializers.IntegerField(source="offer.value", read_only=True)
    service = serializers.IntegerField(source="offer.service_id", read_only=True, allow_null=True)
    worth = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    customer_external_id = serializers.CharField(
        source="customer.external_id", default="", read_only=True
    )
    campaign = serializers.IntegerField(
        source="execution.definition_id", default=None, read_only=True, allow_null=True
    )
    reason = serializers.SerializerMethodField()
    referrer = serializers.IntegerField(
        source="referral.referrer_id", default=None, read_only=True, allow_null=True
    )
    friend = serializers.IntegerField(
        source="referral.friend_id", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = OfferCode
        fields = [
            "id",
            "code",
            "state",
            "offer",
            "offer_name",
            "kind",
            "value",
            "service",
            "worth",
            "customer",
            "customer_external_id",
            "campaign",
            "execution",
            "reason",
            "referral",
            "referrer",
            "friend",
            "issued_at",
            "expires_at",
            "redeemed_at",
            "appointment",
            "discount",
        ]
        read_only_fields = fields

    def get_worth(self, code) -> str:
        return offers.worth(code.offer)

    def get_reason(self, code) -> str:
        return referrals.reason_of(code)

    def get_state(self, code) -> str:
        return redeeming.state_of(code, now=timezone.now())


class RedeemSerializer(StrictSerializer):
    """``amount``: what is to be paid, in minor units, more than 0; else the appointment's price
    counts."""

    code = StrictCharField(max_length=80)
    appointment = ShopRelatedField(Appointment, required=False, allow_null=True)
    amount = StrictIntegerField(
        min_value=0, max_value=LARGEST["PositiveIntegerField"], required=False, allow_null=True
    )


class OfferFilter(django_filters.FilterSet):
    class Meta:
        model = Offer
        fields = ["kind"]


class OfferCodeFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(method="that_was_typed")
    offer = django_filters.NumberFilter(field_name="offer_id")
    customer = django_filters.NumberFilter(field_name="customer_id")
    campaign = django_filters.NumberFilter(field_name="execution__definition_id")
    referral = django_filters.NumberFilter(field_name="referral_id")
    reward = django_filters.BooleanFilter(
        field_name="referral_id", lookup_expr="isnull", exclude=True
    )
    redeemed = django_filters.BooleanFilter(
        field_name="redeemed_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = OfferCode
        fields = []

    def that_was_typed(self, queryset, name, value):
        return queryset.filter(code=codes.read(value))


class _AtTheTill(RefusalsAnswered):
    """Looking codes up and taking them; whoever misses too often is told to wait."""

    def handle_exception(self, exc):
        if isinstance(exc, redeeming.Unknown):
            self.note_miss()
            exc = ApiError(exc.code, exc.message, status=404)
        return super().handle_exception(exc)

    def refuse_guessing(self) -> None:
        if guessing.is_guessing(shop=self.shop, who=self._who):
            raise Throttled(wait=guessing.WINDOW, detail=guessing.TOO_MANY)

    def note_miss(self) -> None:
        guessing.missed(shop=self.shop, who=self._who)

    @property
    def _who(self):
        return self.token or self.actor


class OfferViewSet(_AtTheTill, ReadOnlyShopViewSet):
    """What this shop gives, and what has come of it; made with campaigns, or in admin."""

    model = Offer
    serializer_class = ShopOfferSerializer
    filterset_class = OfferFilter
    search_fields = ["name", "code_prefix"]
    ordering_fields = ["name", "created_at"]
    http_method_names = ["get", "post", "head", "options"]

    def queryset_for(self, shop):
        rows = super().queryset_for(shop).select_related("service", "shop")
        return offers.with_tallies(rows).order_by("-pk")

    @extend_schema(request=RedeemSerializer, responses=OfferCodeSerializer)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def redeem(self, request):
        """Take a code, once; case, spaces, dashes, quotation marks and `#` do not matter.

        404 `unknown_code`; 409 `already_redeemed` (it says when), `expired` or `not_his` (the
        appointment is another customer's); 400 `amount_needed`: an amount of 0, or a percentage
        and neither an amount nor an appointment with a price.
        """
        given = RedeemSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        self.refuse_guessing()
        said = given.validated_data
        code = redeeming.redeem(
            said["code"],
            shop=self.shop,
            appointment=said.get("appointment"),
            amount=said.get("amount"),
            by=self.actor,
            token=self.token,
            request=request,
        )
        return Response(OfferCodeSerializer(code, context=self.get_serializer_context()).data)


class OfferCodeViewSet(_AtTheTill, ReadOnlyShopViewSet):
    """Codes, newest first. `?code=` finds the one that was typed: what it is worth, and whether
    it is `valid`; nothing is redeemed by looking."""

    model = OfferCode
    serializer_class = OfferCodeSerializer
    filterset_class = OfferCodeFilter
    pagination_class = CursorPagination

    def queryset_for(self, shop):
        rows = super().queryset_for(shop)
        return rows.select_related(
            "offer__service", "offer__shop", "customer", "execution", "referral"
        )

    def list(self, request, *args, **kwargs):
        is_lookup = bool(request.query_params.get("code"))
        if is_lookup:
            self.refuse_guessing()
        answer = super().list(request, *args, **kwargs)
        if is_lookup and not answer.data["results"]:
            self.note_miss()
        return answer
