"""A campaign as outsiders see it and write it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop.api.fields import (
    KnownChoiceField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from barbershop.api.serializers import ShopSerializer
from campaigns import content, shelf
from campaigns.api.executions import ExecutionSerializer
from campaigns.api.fields import (
    AmountField,
    CriteriaField,
    OfferSerializer,
    SegmentsField,
    in_the_future,
)
from campaigns.api.templates import TemplateKeyField
from campaigns.models import CampaignDefinition, CampaignSegment
from customers.api.moments import ShopDateTimeField

Status = CampaignDefinition.Status
Mode = CampaignSegment.Mode


CHANNELS_HELP = (
    'By channel: {"email": {"subject", "message", "personalization", "preheader", "blocks", '
    '"html"}, "sms": {"message", "personalization"}}. Texts are cut-down Liquid with merge fields; '
    "with blocks or html the message may be left out. See docs/templates.md."
)
VARIATIONS_HELP = (
    'Other wordings of the same: [{"name", "criteria", "channels"}]. The first whose criteria fit '
    "a customer is what he gets; a channel that it leaves out says what `channels` says."
)


class StatusField(KnownChoiceField):
    """Shows every status; takes the two that a request may set."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if value not in {Status.DRAFT, Status.SCHEDULED}:
            raise serializers.ValidationError(
                f"Set draft or scheduled; a campaign becomes {value} by being executed or archived."
                if value == Status.ACTIVE
                else "Set draft or scheduled."
            )
        return value


class CampaignSerializer(ShopSerializer):
    """``channels`` is what the first arm says. ``template`` fills in what the body leaves out.
    ``budget`` is what it may spend when it is executed; how it stands then, ``budgets`` say."""

    campaign_name = StrictCharField(source="name", max_length=160)
    campaign_type = KnownChoiceField(choices=CampaignDefinition.Type.choices)
    campaign_category = KnownChoiceField(
        source="category", choices=CampaignDefinition.Category.choices, required=False
    )
    channels = serializers.JSONField(help_text=CHANNELS_HELP)
    variations = serializers.JSONField(required=False, help_text=VARIATIONS_HELP)
    channel_policy = KnownChoiceField(choices=CampaignDefinition.Policy.choices, required=False)
    target_criteria = CriteriaField(required=False)
    segments = SegmentsField(mode=Mode.INCLUDE, required=False)
    excluded_segments = SegmentsField(mode=Mode.EXCLUDE, required=False)
    primary_goal = StrictCharField(max_length=60, required=False, allow_blank=True)
    offer = OfferSerializer(required=False, allow_null=True)
    holdout_percent = StrictIntegerField(min_value=0, max_value=50, required=False)
    excludes_booked = StrictBooleanField(required=False)
    excludes_visited_days = StrictIntegerField(
        min_value=1, max_value=3650, required=False, allow_null=True
    )
    budget = AmountField(source="budget_micros", required=False, allow_null=True)
    template = TemplateKeyField(required=False, write_only=True)
    status = StatusField(choices=Status.choices, required=False)
    scheduled_for = ShopDateTimeField(required=False, allow_null=True, validators=[in_the_future])
    execution = serializers.SerializerMethodField()

    class Meta:
        model = CampaignDefinition
        fields = [
            "id",
            "campaign_name",
            "campaign_type",
            "campaign_category",
            "channels",
            "variations",
            "channel_policy",
            "target_criteria",
            "segments",
            "excluded_segments",
            "primary_goal",
            "offer",
            "holdout_percent",
            "excludes_booked",
            "excludes_visited_days",
            "budget",
            "template",
            "status",
            "trigger",
            "scheduled_for",
            "created_at",
            "updated_at",
            "execution",
        ]
        read_only_fields = ["trigger", "created_at", "updated_at"]

    @extend_schema_field(ExecutionSerializer(allow_null=True))
    def get_execution(self, definition):
        execution = definition.current_execution
        return ExecutionSerializer(execution).data if execution else None

    def to_representation(self, instance):
        instance.channels = stored_channels(instance)
        instance.variations = stored_variations(instance)
        return super().to_representation(instance)

    def to_internal_value(self, data):
        if isinstance(data, dict) and isinstance(data.get("template"), str):
            data = self._prefilled(data)
        found = super().to_internal_value(data)
        found.pop("template", None)
        return found

    def validate(self, attrs):
        attrs = super().validate(attrs)
        self._parse_channels(attrs)
        self._parse_variations(attrs)
        self._check_schedule(attrs)
        self._check_segments(attrs)
        return attrs

    def _prefilled(self, data: dict) -> dict:
        if self.instance is not None:
            raise serializers.ValidationError({"template": ["Only for a new campaign."]})
        blueprint = shelf.find(data["template"], shop=self.context["view"].shop)
        if blueprint is None:
            return data  # the field itself says so
        step = blueprint.steps[0]
        prefill = {
            "campaign_name": blueprint.name,
            "campaign_type": step.campaign_type,
            "campaign_category": blueprint.category or CampaignDefinition.Category.OTHER,
            "channels": step.channels,
            "variations": list(step.variations),
            "target_criteria": blueprint.criteria,
            "primary_goal": blueprint.primary_goal,
        }
        if blueprint.discount_percent:
            prefill["offer"] = {
                "discount_percentage": blueprint.discount_percent,
                "valid_days": blueprint.valid_days,
            }
        wanted = data.get("campaign_type")
        if "channels" not in data and isinstance(wanted, str):
            kept = content.CHANNELS_OF_TYPE.get(wanted, ())
            prefill["channels"] = {c: said for c, said in step.channels.items() if c in kept}
            prefill["variations"] = content.narrowed(step.variations, to=kept)
        return {**prefill, **data}

    def _parse_channels(self, attrs) -> None:
        if not {"channels", "campaign_type"} & set(attrs):
            return
        campaign_type = attrs.get("campaign_type") or self.instance.campaign_type
        raw = attrs["channels"] if "channels" in attrs else stored_channels(self.instance)
        try:
            attrs["channels"] = content.parse(raw, campaign_type=campaign_type)
        except content.ContentError as error:
            raise serializers.ValidationError(error.fields) from error

    def _parse_variations(self, attrs) -> None:
        if "variations" not in attrs and (self.instance is None or "campaign_type" not in attrs):
            return
        raw = attrs["variations"] if "variations" in attrs else stored_variations(self.instance)
        campaign_type = attrs.get("campaign_type") or self.instance.campaign_type
        try:
            found = content.parse_variations(raw, campaign_type=campaign_type)
            content.check_variations(found, shop=self.context["view"].shop)
        except content.ContentError as error:
            raise serializers.ValidationError(error.fields) from error
        attrs["variations"] = found

    def _check_segments(self, attrs) -> None:
        sides = []
        for name in ("segments", "excluded_segments"):
            if name in attrs:
                sides.append({segment.pk for segment in attrs[name]})
            elif self.instance is not None:
                field = self.fields[name]
                sides.append({link.segment_id for link in field.get_attribute(self.instance)})
        both = set.intersection(*sides) if len(sides) == 2 else set()
        if both:
            raise serializers.ValidationError(
                {"segments": [f"Segment {min(both)} is both included and excluded."]}
            )

    def _check_schedule(self, attrs) -> None:
        if attrs.get("status") == Status.SCHEDULED and not attrs.get("scheduled_for"):
            raise serializers.ValidationError({"scheduled_for": ["Say when it shall start."]})


def stored_channels(definition) -> dict:
    """The first arm's content, from the prefetched variants."""
    first = min(definition.variants.all(), key=lambda variant: variant.label, default=None)
    return first.channels if first else {}


def stored_variations(definition) -> list:
    """The first arm's other wordings, from the prefetched variants."""
    first = min(definition.variants.all(), key=lambda variant: variant.label, default=None)
    return first.variations if first else []
