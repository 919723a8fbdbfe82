import django_filters

from communications.models import CustomerCommunication, DeliveryAttempt, Suppression

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

    class Meta:
        model = CustomerCommunication
        fields = {
            "uuid": ["exact"],
            "channel": ["exact"],
            "topic": ["exact"],
            "reason": ["exact"],
        }


class SuppressionFilter(django_filters.FilterSet):
    active = django_filters.BooleanFilter(field_name="lift", lookup_expr="isnull")

    class Meta:
        model = Suppression
        fields = {"channel": ["exact"], "cause": ["exact"], "address_hmac": ["exact"]}
