"""``GET campaigns/templates``: the ready campaigns of the library."""

from rest_framework import serializers


class TemplateStepSerializer(serializers.Serializer):
    name = serializers.CharField()
    delay_days = serializers.IntegerField()
    campaign_type = serializers.CharField()
    channels = serializers.DictField()


class TemplateOfferSerializer(serializers.Serializer):
    discount_percentage = serializers.IntegerField(source="discount_percent")
    valid_days = serializers.IntegerField(allow_null=True)


class TemplateSerializer(serializers.Serializer):
    """``POST campaigns/create`` with ``"template": key`` starts from its first step."""

    key = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    description = serializers.CharField()
    primary_goal = serializers.CharField()
    steps = TemplateStepSerializer(many=True)
    criteria = serializers.DictField()
    offer = serializers.SerializerMethodField()

    def get_offer(self, blueprint) -> dict | None:
        return TemplateOfferSerializer(blueprint).data if blueprint.discount_percent else None


class TemplatesSerializer(serializers.Serializer):
    results = TemplateSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
