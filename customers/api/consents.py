"""What people permitted: read, and added to; never changed."""

import django_filters
from django.db import transaction
from rest_framework import mixins, serializers

from barbershop import audit
from barbershop.api.fields import StrictCharField
from barbershop.api.serializers import ExternalRef, ShopSerializer
from barbershop.api.viewsets import ReadOnlyShopViewSet
from barbershop.plain_text import validate_one_line
from customers import consent
from customers.api.moments import PastDateTimeField
from customers.models import ContactConsent, Customer


class ConsentSerializer(ShopSerializer):
    """An opt-in is evidence: it needs the wording that was shown and where."""

    customer_external_id = ExternalRef(Customer)
    given_at = PastDateTimeField()
    disclosure_text = StrictCharField(
        required=False, write_only=True, max_length=5000, allow_blank=True
    )
    ip = serializers.IPAddressField(required=False, write_only=True, allow_null=True)
    user_agent = StrictCharField(
        required=False,
        write_only=True,
        max_length=300,
        allow_blank=True,
        validators=[validate_one_line],
    )

    class Meta:
        model = ContactConsent
        fields = [
            "id",
            "customer",
            "customer_external_id",
            "channel",
            "topic",
            "decision",
            "source",
            "disclosure_text",
            "disclosure_version",
            "ip",
            "user_agent",
            "given_at",
            "recorded_at",
            "seq",
            "hash",
        ]
        read_only_fields = ["recorded_at", "seq", "hash"]

    def validate(self, attrs):
        if attrs["customer"].erased_at is not None:
            # Its address, browser and wording would be personal data about nobody.
            raise serializers.ValidationError({"customer": ["This customer was erased."]})
        proof = attrs.get("disclosure_text", "").strip()
        if attrs["decision"] == ContactConsent.Decision.OPTED_IN and not proof:
            message = "An opt-in needs the wording that was shown; without it, send unproven."
            raise serializers.ValidationError({"disclosure_text": [message]})
        return attrs

    def create(self, validated_data):
        validated_data.pop("shop", None)
        return consent.record(by=self.context["view"].actor, **validated_data)


class ConsentFilter(django_filters.FilterSet):
    customer = django_filters.NumberFilter(field_name="customer_id")
    customer_external_id = django_filters.CharFilter(field_name="customer__external_id")

    class Meta:
        model = ContactConsent
        fields = {"channel": ["exact"], "topic": ["exact"], "decision": ["exact"]}


class ConsentViewSet(mixins.CreateModelMixin, ReadOnlyShopViewSet):
    model = ContactConsent
    serializer_class = ConsentSerializer
    filterset_class = ConsentFilter
    ordering_fields = ["given_at", "recorded_at"]

    @transaction.atomic
    def perform_create(self, serializer):
        """The chain knows persons only; which token said so stands in the audit log."""
        entry = serializer.save(shop=self.shop)
        audit.record(
            shop=self.shop,
            action="consent.record",
            by=self.actor,
            token=self.token,
            target=entry,
            after={"channel": entry.channel, "topic": entry.topic, "decision": entry.decision},
            request=self.request._request,
        )

    def queryset_for(self, shop):
        return ContactConsent.objects.for_shop(shop).select_related("customer")
