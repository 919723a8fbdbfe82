import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import serializers

from communications.models import CustomerCommunication, DeliveryAttempt, Suppression
from customers.addresses import address_hmac, normalise_email, normalise_phone

SendState = CustomerCommunication.SendState
# A message in a call shows the state of its call instead.
STATES = [
    *((value, label) for value, label in SendState.choices if value != SendState.IN_CALL),
    *DeliveryAttempt.State.choices,
]


class CommunicationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=STATES)
    dispatch = django_filters.NumberFilter(field_name="dispatch_id")
    customer = django_filters.NumberFilter(field_name="customer_id")
    queued_at = django_filters.IsoDateTimeFromToRangeFilter()
    phone = django_filters.CharFilter(
        method="to_phone",
        help_text="Texts to this number, in any writing, whoever has it today.",
    )
    email = django_filters.CharFilter(
        method="to_email", help_text="Emails to this address, whoever has it today."
    )

    def to_phone(self, queryset, name, value) -> QuerySet:
        """By the number's HMAC: found also once it belongs to somebody else, or is erased."""
        region = self.request.shop.country
        return _written_to(queryset, name, lambda: normalise_phone(value, region=region))

    def to_email(self, queryset, name, value) -> QuerySet:
        return _written_to(queryset, name, lambda: normalise_email(value))

    class Meta:
        model = CustomerCommunication
        fields = {
            "uuid": ["exact"],
            "channel": ["exact"],
            "topic": ["exact"],
            "reason": ["exact"],
        }


def _written_to(queryset: QuerySet, name: str, normalised) -> QuerySet:
    try:
        address = normalised()
    except ValidationError as error:
        raise serializers.ValidationError({name: error.messages}) from None
    return queryset.filter(address_hmac=address_hmac(address))


class SuppressionFilter(django_filters.FilterSet):
    active = django_filters.BooleanFilter(field_name="lift", lookup_expr="isnull")

    class Meta:
        model = Suppression
        fields = {"channel": ["exact"], "cause": ["exact"], "address_hmac": ["exact"]}
