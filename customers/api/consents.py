"""What people permitted: read, and added to; never changed."""

import django_filters
from django.utils import timezone
from rest_framework import mixins, serializers

from barbershop import audit, deadlocks
from barbershop.api.fields import StrictCharField
from barbershop.api.serializers import ExternalRef, ShopSerializer
from barbershop.api.viewsets import ReadOnlyShopViewSet
from barbershop.plain_text import validate_one_line
from customers import consent, opt_outs
from customers.api.customer_fields import EmailField, PhoneField
from customers.api.moments import PastDateTimeField
from customers.channels import ADDRESS_FIELDS, Channel
from customers.models import ContactConsent, Customer

Decision = ContactConsent.Decision


class ConsentSerializer(ShopSerializer):
    """An opt-in is evidence: it needs the wording that was shown, where, and the address.

    An opt-out suppresses the address: its customer's, or the one that is sent with it.
    """

    customer_external_id = ExternalRef(Customer)
    given_at = PastDateTimeField()
    phone = PhoneField(
        required=False,
        write_only=True,
        allow_blank=True,
        max_length=40,
        help_text="The number it was said for. An opt-in to texts needs it: today's number.",
    )
    email = EmailField(
        required=False,
        write_only=True,
        allow_blank=True,
        max_length=254,
        help_text="The address it was said for. An opt-in to emails needs it: today's address.",
    )
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
            "phone",
            "email",
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
        attrs["address"] = self._address(attrs)
        proof = attrs.get("disclosure_text", "").strip()
        if attrs["decision"] == Decision.OPTED_IN and not proof:
            message = "An opt-in needs the wording that was shown; without it, send unproven."
            raise serializers.ValidationError({"disclosure_text": [message]})
        return attrs

    def _address(self, attrs) -> str:
        """The address it was said for, as far as it was sent.

        Consent is given for an address: an opt-in that names none could be for an older one. An
        opt-out may name an older one, which is then suppressed.
        """
        given = {name: attrs.pop(name, "") for name in ("phone", "email")}
        name, _ = ADDRESS_FIELDS[Channel(attrs["channel"])]
        others = [other for other in given if other != name and given[other]]
        if others:
            message = f"This is about {name}: leave it out."
            raise serializers.ValidationError({others[0]: [message]})
        if attrs["decision"] == Decision.OPTED_OUT:
            return given[name]
        if not given[name] and attrs["decision"] == Decision.OPTED_IN:
            message = (
                f"An opt-in needs the {name} that it was given for; without it, send unproven."
            )
            raise serializers.ValidationError({name: [message]})
        if given[name] and given[name] != attrs["customer"].address_of(attrs["channel"]):
            message = (
                f"This is not the customer's {name} today: consent for another does not count."
            )
            raise serializers.ValidationError({name: [message]})
        return given[name]

    def create(self, validated_data):
        validated_data.pop("shop", None)
        now, actor = timezone.now(), self.context["view"].actor
        said = consent.Statement(**validated_data)
        (entry,) = consent.record_many([said], by=actor, now=now)
        if said.decision == Decision.OPTED_OUT:
            opt_outs.carry_out([said], by=actor, now=now)
        return entry


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

    def perform_create(self, serializer):
        # An opt-out locks the chains of whoever shares the address; two may wait for each other.
        deadlocks.retried(lambda: self._record(serializer))

    def _record(self, serializer):
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
