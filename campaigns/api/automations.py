"""``POST campaigns/automated/setup``: the rules that start campaigns by themselves."""

from itertools import pairwise

from rest_framework import serializers

from barbershop.api.fields import StrictBooleanField, StrictIntegerField
from barbershop.nearest import did_you_mean
from campaigns.api.fields import StrictSerializer
from campaigns.automations import Rule, most_steps
from campaigns.library import BLUEPRINTS
from campaigns.models import Automation

Kind = Automation.Kind
DEFAULT_SCHEDULE = [0, 3, 7]


class KindField(serializers.CharField):
    def to_internal_value(self, data) -> str:
        if not isinstance(data, str) or data not in Kind.values:
            raise serializers.ValidationError(
                f"There is no such automation. {did_you_mean(str(data)[:60], Kind.values)}"
            )
        return data


class _DiscountSerializer(StrictSerializer):
    discount_percentage = StrictIntegerField(min_value=1, max_value=100, required=False)
    valid_days = StrictIntegerField(min_value=1, max_value=365, required=False)

    def rule(self, kind: str, config: dict, **more) -> Rule:
        blueprint = BLUEPRINTS[kind]
        return Rule(
            kind=kind,
            discount_percent=config.get("discount_percentage", blueprint.discount_percent),
            valid_days=config.get("valid_days", blueprint.valid_days),
            **more,
        )


class WelcomeSerializer(_DiscountSerializer):
    emails = StrictIntegerField(min_value=1, required=False)
    schedule = serializers.ListField(
        child=StrictIntegerField(min_value=0, max_value=365), required=False, min_length=1
    )

    def validate(self, attrs):
        most = most_steps(Kind.WELCOME)
        schedule = attrs.get("schedule") or DEFAULT_SCHEDULE[: attrs.get("emails", most)]
        emails = attrs.get("emails", len(schedule))
        if emails > most:
            raise serializers.ValidationError(
                {"emails": [f"The welcome series has {most} emails; ask for at most {most}."]}
            )
        if emails != len(schedule):
            raise serializers.ValidationError(
                {"schedule": [f"It has {len(schedule)} days, but emails says {emails}."]}
            )
        if any(later <= earlier for earlier, later in pairwise(schedule)):
            raise serializers.ValidationError(
                {"schedule": ["Each day must be after the one before."]}
            )
        return {**attrs, "schedule": schedule}

    def as_rule(self, config: dict) -> Rule:
        schedule = config.get("schedule", DEFAULT_SCHEDULE)
        return self.rule(Kind.WELCOME, config, schedule=tuple(schedule))


class BirthdaySerializer(_DiscountSerializer):
    def as_rule(self, config: dict) -> Rule:
        return self.rule(Kind.BIRTHDAY, config)


class WinBackSerializer(_DiscountSerializer):
    trigger_days = StrictIntegerField(min_value=7, max_value=1095, required=False)

    def as_rule(self, config: dict) -> Rule:
        days = config.get("trigger_days", 60)
        return self.rule(
            Kind.WIN_BACK,
            config,
            trigger_days=days,
            criteria={"last_visit_days": {"min": days}},
        )


class SetupSerializer(StrictSerializer):
    """``active`` means from now on. A configuration of a type that is not asked for is ignored."""

    campaign_types = serializers.ListField(child=KindField(), allow_empty=False, max_length=20)
    active = StrictBooleanField(default=True)
    welcome_series_config = WelcomeSerializer(required=False)
    birthday_config = BirthdaySerializer(required=False)
    win_back_config = WinBackSerializer(required=False)

    CONFIGS = {
        Kind.WELCOME: "welcome_series_config",
        Kind.BIRTHDAY: "birthday_config",
        Kind.WIN_BACK: "win_back_config",
    }

    def rules(self) -> list[Rule]:
        """One rule per kind asked for, each once."""
        given = self.validated_data
        names = [self.CONFIGS[kind] for kind in dict.fromkeys(given["campaign_types"])]
        return [self.fields[name].as_rule(given.get(name, {})) for name in names]


class StepSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    delay_days = serializers.IntegerField()
    campaign = serializers.IntegerField(source="definition_id")


class AutomationSerializer(serializers.ModelSerializer):
    active = serializers.BooleanField(source="is_active")
    steps = serializers.SerializerMethodField()
    config = serializers.SerializerMethodField()

    class Meta:
        model = Automation
        fields = ["id", "kind", "name", "active", "active_from", "steps", "config"]

    def get_steps(self, automation) -> list[dict]:
        steps = [step for step in automation.steps.all() if step.retired_at is None]
        return StepSerializer(steps, many=True).data

    def get_config(self, automation) -> dict:
        steps = [step for step in automation.steps.all() if step.retired_at is None]
        config = {
            "discount_percentage": automation.discount_percent,
            "valid_days": automation.valid_days,
            "holdout_percent": automation.holdout_percent,
        }
        if automation.kind == Kind.WELCOME:
            config |= {"emails": len(steps), "schedule": [step.delay_days for step in steps]}
        if automation.kind == Kind.WIN_BACK:
            config["trigger_days"] = automation.trigger_days
        return config


class AutomationsSerializer(serializers.Serializer):
    automations = AutomationSerializer(many=True)
