"""Customers, as another system keeps them."""

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from rest_framework import serializers

from barbershop.api.bulk import UpsertMixin
from barbershop.api.serializers import ExternalRef, ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from barbershop.models import Barber
from barbershop.models.shop import validate_timezone
from customers import changed_addresses, consent, kept_out, may_write
from customers.addresses import normalise_email, normalise_phone
from customers.api.customer_fields import (
    BirthdayField,
    EmailField,
    MayWriteField,
    PhoneField,
    TagsField,
)
from customers.channels import Channel
from customers.models import Customer, CustomerTag
from customers.shop_words import folded
from customers.tagging import set_tags, tagged

TAGS = Prefetch("customer_tags", CustomerTag.objects.select_related("tag"))


class CustomerSerializer(ShopSerializer):
    """``spent`` is in minor units of the shop's currency, net of refunds."""

    aside = frozenset({"tags"})
    email = EmailField(required=False, allow_blank=True, max_length=254)
    phone = PhoneField(required=False, allow_blank=True, max_length=40)
    birthday = BirthdayField()
    tags = TagsField()
    preferred_barber_external_id = ExternalRef(Barber, allow_null=True)
    last_visit_at = serializers.DateTimeField(read_only=True)
    visit_count = serializers.IntegerField(read_only=True)
    spent = serializers.IntegerField(read_only=True)
    consent = serializers.SerializerMethodField(
        help_text="What he said last, per channel; whether he may be written to is `may_write`."
    )
    may_write = MayWriteField(
        source="*",
        read_only=True,
        help_text="Whether offers may go to him, per channel, and if not, the gate's reason.",
    )
    is_kept_out = serializers.BooleanField(
        read_only=True,
        help_text="Somebody with one of these addresses was erased here: nothing is sent to it, "
        "and no offer to the other one.",
    )

    class Meta:
        model = Customer
        fields = [
            "id",
            "external_id",
            "first_name",
            "last_name",
            "email",
            "phone",
            "timezone",
            "zip",
            "language",
            "birthday",
            "preferred_barber",
            "preferred_barber_external_id",
            "tags",
            "source",
            "joined_at",
            "last_visit_at",
            "visit_count",
            "spent",
            "consent",
            "may_write",
            "is_kept_out",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["source", "created_at", "updated_at"]
        extra_kwargs = {"timezone": {"validators": [validate_timezone]}}

    def validate(self, attrs):
        identifying = ("external_id", "first_name", "last_name", "email", "phone")
        if self.instance is None and not any(attrs.get(name) for name in identifying):
            raise serializers.ValidationError(f"Give at least one of {', '.join(identifying)}.")
        if self.instance is None:
            attrs["source"] = Customer.Source.API
        return super().validate(attrs)

    def get_consent(self, customer) -> dict[str, str]:
        return {
            channel: getattr(customer, f"consent_{channel}") or "none" for channel in Channel.values
        }

    def differs(self, customer, aside) -> bool:
        is_stored = customer.pk is not None
        present = self.fields["tags"].to_representation(customer) if is_stored else ()
        return set(map(folded, present)) != set(map(folded, aside["tags"]))

    def save_aside(self, pairs) -> None:
        set_tags([(customer, aside["tags"]) for customer, aside in pairs], shop=self.shop)


class CustomerFilter(django_filters.FilterSet):
    email = django_filters.CharFilter(method="by_email")
    phone = django_filters.CharFilter(method="by_phone")
    tag = django_filters.CharFilter(method="by_tag")
    has_email = django_filters.BooleanFilter(field_name="email", lookup_expr="gt", method="filled")
    has_phone = django_filters.BooleanFilter(field_name="phone", lookup_expr="gt", method="filled")
    preferred_barber = django_filters.NumberFilter(field_name="preferred_barber_id")
    last_visit = django_filters.IsoDateTimeFromToRangeFilter(field_name="last_visit_at")
    birthday_month = django_filters.NumberFilter(field_name="birth_month")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Customer
        fields = {"external_id": ["exact"], "source": ["exact"], "language": ["exact"]}

    def by_tag(self, queryset, name, value):
        return queryset.filter(tagged([value], shop=self.request.shop))

    def by_email(self, queryset, name, value):
        try:
            return queryset.filter(email=normalise_email(value))
        except ValidationError:
            return queryset.none()

    def by_phone(self, queryset, name, value):
        try:
            region = self.request.shop.country
            return queryset.filter(phone=normalise_phone(value, region=region))
        except ValidationError:
            return queryset.none()

    def filled(self, queryset, name, value):
        return queryset.exclude(**{name: ""}) if value else queryset.filter(**{name: ""})


class CustomerViewSet(UpsertMixin, ShopModelViewSet):
    model = Customer
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    search_fields = ["first_name", "last_name", "email", "phone", "external_id"]
    ordering_fields = ["last_name", "last_visit_at", "visit_count", "spent", "created_at"]
    http_method_names = ["get", "head", "options", "post", "patch"]

    def queryset_for(self, shop):
        people = Customer.objects.for_shop(shop).present().with_visit_facts()
        for channel in Channel.values:
            people = consent.annotate_decision(people, channel=channel, alias=f"consent_{channel}")
        people = may_write.annotate(kept_out.annotate(people), shop=shop)
        return people.select_related("preferred_barber", "shop").prefetch_related(TAGS)

    def note_on_bulk(self, rows):
        return kept_out.in_words(kept_out.count(rows, shop=self.shop))

    def wrote_in_bulk(self, rows):
        changed_addresses.end_consents(rows)

    def queryset_for_bulk(self, shop):
        return Customer.objects.for_shop(shop).present().prefetch_related(TAGS)
