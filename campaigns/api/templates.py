"""``GET campaigns/templates``: every starting point, the library's and the shop's own."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop.api.fields import KnownChoiceField
from campaigns import shelf
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignTemplate

SOURCES = (shelf.LIBRARY, shelf.SHOP)


@extend_schema_field(str)
class TemplateKeyField(KnownChoiceField):
    """The key of a ready template or of one of the shop's own."""

    def __init__(self, **kwargs):
        super().__init__(choices=list(BLUEPRINTS), **kwargs)

    def to_internal_value(self, data):
        if not isinstance(data, str) or data not in self.choices:
            self.choices = [*BLUEPRINTS, *self._own()]
        return super().to_internal_value(data)

    def _own(self) -> list[str]:
        rows = CampaignTemplate.objects.for_shop(self.context["view"].shop)
        rows = rows.filter(archived_at=None, versions__isnull=False).distinct()
        return list(rows.order_by("key").values_list("key", flat=True))


class TemplateStepSerializer(serializers.Serializer):
    name = serializers.CharField()
    delay_days = serializers.IntegerField()
    campaign_type = serializers.CharField()
    channels = serializers.DictField()
    variations = serializers.ListField(child=serializers.DictField())


class TemplateOfferSerializer(serializers.Serializer):
    discount_percentage = serializers.IntegerField(source="discount_percent")
    valid_days = serializers.IntegerField(allow_null=True)


class TemplateSerializer(serializers.Serializer):
    """``POST campaigns/create`` with ``"template": key`` starts from its first step.

    ``needs`` are fields of the shop to which its links lead; ``missing`` says which of them are
    still empty. ``unreadable`` says why an own one cannot be read, and what to do; it is empty for
    all others.
    """

    source = serializers.ChoiceField(choices=SOURCES)
    id = serializers.IntegerField(source="template.pk", default=None, allow_null=True)
    key = serializers.CharField(source="blueprint.key")
    name = serializers.CharField(source="blueprint.name")
    category = serializers.CharField(source="blueprint.category")
    description = serializers.CharField(source="blueprint.description")
    primary_goal = serializers.CharField(source="blueprint.primary_goal")
    steps = TemplateStepSerializer(source="blueprint.steps", many=True)
    criteria = serializers.DictField(source="blueprint.criteria")
    offer = serializers.SerializerMethodField()
    needs = serializers.ListField(child=serializers.CharField())
    missing = serializers.SerializerMethodField()
    unreadable = serializers.CharField()

    @extend_schema_field(TemplateOfferSerializer(allow_null=True))
    def get_offer(self, point) -> dict | None:
        blueprint = point.blueprint
        return TemplateOfferSerializer(blueprint).data if blueprint.discount_percent else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, point) -> list[str]:
        return shelf.missing(point.needs, shop=self.context["view"].shop)


class TemplatesSerializer(serializers.Serializer):
    results = TemplateSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
