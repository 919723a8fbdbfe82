"""``POST campaigns/test``: a few addresses get the campaign as it would arrive."""

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from barbershop.api.serializers import ShopRelatedField
from campaigns import trial
from campaigns.api.fields import PresentCustomer, StrictSerializer
from campaigns.models import CampaignDefinition
from customers.addresses import normalise_email, normalise_phone


class _AddressField(serializers.CharField):
    """An address in its stored form."""

    def __init__(self, **kwargs):
        super().__init__(max_length=254, **kwargs)

    def normalised(self, value: str) -> str:
        raise NotImplementedError

    def to_internal_value(self, data) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Must be a text.")
        try:
            return self.normalised(super().to_internal_value(data))
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error


class EmailAddressField(_AddressField):
    def normalised(self, value):
        return normalise_email(value)


class PhoneNumberField(_AddressField):
    def normalised(self, value):
        return normalise_phone(value, region=self.context["view"].shop.country)


class TrialSerializer(StrictSerializer):
    campaign_id = ShopRelatedField(CampaignDefinition)
    emails = serializers.ListField(
        child=EmailAddressField(), max_length=trial.MOST, required=False, default=list
    )
    phones = serializers.ListField(
        child=PhoneNumberField(), max_length=trial.MOST, required=False, default=list
    )
    customer_id = PresentCustomer(
        source="customer",
        required=False,
        allow_null=True,
        default=None,
        help_text="Whose values are filled in; without him, examples.",
    )
    variation = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="By its name."
    )

    def validate(self, attrs):
        if not attrs["emails"] and not attrs["phones"]:
            raise serializers.ValidationError({"emails": ["Give at least one email or phone."]})
        return attrs


class TrialResultSerializer(serializers.Serializer):
    channel = serializers.CharField()
    address = serializers.CharField()
    status = serializers.ChoiceField(["queued", "blocked"])
    reason = serializers.CharField(help_text="Why it is blocked: suppressed, not_verified.")


class TrialAnswerSerializer(serializers.Serializer):
    campaign_id = serializers.IntegerField()
    results = TrialResultSerializer(many=True)
