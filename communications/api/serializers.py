"""The ledger and the suppressions as other systems see them."""

from django.core.exceptions import ValidationError
from rest_framework import serializers

from barbershop.api.fields import StrictCharField
from barbershop.api.serializers import ShopSerializer
from communications.models import CustomerCommunication, Suppression
from customers.addresses import address_hmac, normalise_email, normalise_phone
from customers.channels import Channel


class CommunicationSerializer(ShopSerializer):
    """One message to one person. ``state`` is its own, or the state of the call it is in."""

    state = serializers.CharField(read_only=True)
    sending_at = serializers.DateTimeField(read_only=True)
    accepted_at = serializers.DateTimeField(read_only=True)
    delivery = serializers.SerializerMethodField()

    class Meta:
        model = CustomerCommunication
        fields = [
            "id",
            "uuid",
            "dispatch",
            "customer",
            "channel",
            "topic",
            "address",
            "state",
            "reason",
            "delivery",
            "error_code",
            "segments",
            "cost_micros",
            "queued_at",
            "sending_at",
            "accepted_at",
            "delivered_at",
            "bounced_at",
            "opened_at",
            "clicked_at",
            "replied_at",
            "unsubscribed_at",
            "complained_at",
        ]
        read_only_fields = fields

    def get_delivery(self, message) -> str:
        return message.Delivery(message.delivery).name.lower()


class SuppressionSerializer(ShopSerializer):
    """``address`` is asked for and never shown: only its hash is kept."""

    address = StrictCharField(write_only=True, max_length=254)
    lifted_at = serializers.DateTimeField(source="lift.lifted_at", read_only=True, default=None)
    lift_reason = serializers.CharField(source="lift.reason", read_only=True, default="")

    class Meta:
        model = Suppression
        fields = [
            "id",
            "channel",
            "address",
            "address_hmac",
            "cause",
            "note",
            "created_at",
            "lifted_at",
            "lift_reason",
        ]
        read_only_fields = ["address_hmac", "cause", "created_at"]

    def validate(self, attrs):
        """Bring the address into the one form that is hashed and compared."""
        address = attrs.pop("address")
        try:
            if attrs["channel"] == Channel.EMAIL:
                address = normalise_email(address)
            else:
                address = normalise_phone(address, region=self.shop.country)
        except ValidationError as error:
            raise serializers.ValidationError({"address": error.messages}) from None
        return {**super().validate(attrs), "address_hmac": address_hmac(address)}


class LiftSerializer(serializers.Serializer):
    reason = StrictCharField(max_length=200)
