"""What a person types about campaigns, checked by the parsers that everybody else uses."""

from functools import partial

from django.core.exceptions import ValidationError

from barbershop.shop_admin import OneShopForm
from campaigns import content
from campaigns.models import CampaignDefinition
from customers.admin.segments import CriteriaForm

Status = CampaignDefinition.Status
Trigger = CampaignDefinition.Trigger


def valid_channels(raw, *, campaign_type: str) -> dict:
    """Channels in their stored form, or a form error that names every wrong place."""
    try:
        parts = content.parse(raw, campaign_type=campaign_type)
    except content.ContentError as error:
        said = [f"{path}: {' '.join(texts)}" for path, texts in error.fields.items()]
        raise ValidationError(said, code="invalid_channels") from error
    return content.as_json(parts)


class DefinitionForm(CriteriaForm):
    criteria_field = "target_criteria"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "status" in self.fields:
            writable = {Status.DRAFT, Status.SCHEDULED}
            choices = [choice for choice in Status.choices if choice[0] in writable]
            self.fields["status"].choices = choices

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("status") == Status.SCHEDULED and not cleaned.get("scheduled_for"):
            self.add_error("scheduled_for", "A scheduled campaign needs a time.")
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        scheduled = self.instance.status == Status.SCHEDULED
        self.instance.trigger = Trigger.SCHEDULED if scheduled else Trigger.MANUAL


def valid_variations(raw, *, campaign_type: str, shop) -> list[dict]:
    """An arm's other wordings in their stored form."""
    try:
        found = content.parse_variations(raw or [], campaign_type=campaign_type)
        if shop is not None:  # of a new campaign in the same form: checked again at its start
            content.check_variations(found, shop=shop)
    except content.ContentError as error:
        said = [f"{path}: {' '.join(texts)}" for path, texts in error.fields.items()]
        raise ValidationError(said, code="invalid_variations") from error
    return content.variations_as_json(found)


class VariantForm(OneShopForm):
    """An arm says what its campaign's type asks for; in an inline the campaign is its parent."""

    def clean(self):
        cleaned = super().clean()
        definition = cleaned.get("definition") or getattr(self.instance, "definition", None)
        known = content.CHANNELS_OF_TYPE.get(getattr(definition, "campaign_type", ""))
        if known and "channels" in cleaned:
            try:
                cleaned["channels"] = valid_channels(
                    cleaned["channels"], campaign_type=definition.campaign_type
                )
            except ValidationError as error:
                self.add_error("channels", error)
        if known and cleaned.get("variations"):
            try:
                cleaned["variations"] = valid_variations(
                    cleaned["variations"],
                    campaign_type=definition.campaign_type,
                    shop=definition.shop if definition.shop_id else None,
                )
            except ValidationError as error:
                self.add_error("variations", error)
        return cleaned


class VersionForm(CriteriaForm):
    """A template's content names its own channels: whichever it has must be sound."""

    criteria_field = "target_criteria"

    def clean(self):
        cleaned = super().clean()
        kind = self._kind(cleaned.get("channels"))
        for name, valid in (
            ("channels", partial(valid_channels, campaign_type=kind)),
            (
                "variations",
                partial(valid_variations, campaign_type=kind, shop=cleaned.get("shop")),
            ),
        ):
            if name in cleaned:
                try:
                    cleaned[name] = valid(cleaned[name])
                except ValidationError as error:
                    self.add_error(name, error)
        return cleaned

    def _kind(self, raw) -> str:
        names = set(raw) if isinstance(raw, dict) else set()
        kinds = content.CHANNELS_OF_TYPE.items()
        return next((kind for kind, channels in kinds if set(channels) == names), "multi")
