"""Who was brought by whom, as booking systems report it."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from barbershop.api.fields import StrictCharField
from barbershop.api.pagination import CursorPagination
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import referrals
from campaigns.api.fields import PresentCustomer, StrictSerializer
from campaigns.api.refusing import RefusalsAnswered
from campaigns.models import Referral


class ReferralSerializer(serializers.ModelSerializer):
    """``offer`` is what both get; ``rewarded_at`` is set once they have their codes."""

    class Meta:
        model = Referral
        fields = [
            "id",
            "referrer",
            "friend",
            "offer",
            "created_at",
            "first_visit_at",
            "rewarded_at",
        ]
        read_only_fields = fields


class BringSerializer(StrictSerializer):
    """``referral`` is the link that the friend came by, or the last part of it."""

    referral = StrictCharField(max_length=300)
    customer = PresentCustomer()

    def validate_referral(self, said):
        invitation = referrals.read(said)
        if invitation is None or invitation.referrer.shop_id != self.context["view"].shop.pk:
            raise serializers.ValidationError("This is no link that this shop has given out.")
        return invitation


class ReferralFilter(django_filters.FilterSet):
    referrer = django_filters.NumberFilter(field_name="referrer_id")
    friend = django_filters.NumberFilter(field_name="friend_id")
    rewarded = django_filters.BooleanFilter(
        field_name="rewarded_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Referral
        fields = []


class ReferralViewSet(RefusalsAnswered, ReadOnlyShopViewSet):
    model = Referral
    serializer_class = ReferralSerializer
    filterset_class = ReferralFilter
    pagination_class = CursorPagination
    http_method_names = ["get", "post", "head", "options"]

    @extend_schema(request=BringSerializer, responses={201: ReferralSerializer})
    def create(self, request):
        """Say that a new customer came by another one's link.

        Both get a code after his first completed visit. 409 `not_new`, `already_referred` or
        `own_link`: he, or somebody with his email or phone, has been here, was brought before, or
        is the referrer or has his address; or `shop_suspended`.
        """
        given = BringSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        said = given.validated_data
        made = referrals.bring(
            said["referral"], friend=said["customer"], by=self.actor, token=self.token
        )
        return Response(ReferralSerializer(made).data, status=201)
