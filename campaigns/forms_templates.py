"""What a person types into a template, and into its other words for some people."""

import re

from django import forms

from barbershop import edited
from barbershop.plain_text import validate_one_line
from campaigns import content
from campaigns.content.variations import MAX_NAME
from campaigns.forms_blocks import BlocksEditor
from campaigns.forms_wording import WordingForm
from campaigns.models import CampaignDefinition
from campaigns.template_versions import Said

CATEGORIES = [("", "None"), *CampaignDefinition.Category.choices]
NOTHING_SAID = "Write an email, a text message or both."
_OF_VARIATION = re.compile(r"variations\.(?P<place>\d+)(?:\.(?P<path>.+))?\Z")


class NameForm(forms.Form):
    """What a new template is called."""

    name = forms.CharField(max_length=120, validators=[validate_one_line])


class TemplateForm(WordingForm):
    """All words but the blocks and the rules of whom it is for."""

    name = forms.CharField(max_length=120, validators=[validate_one_line])
    description = forms.CharField(
        max_length=300, required=False, validators=[validate_one_line], label="What it is for"
    )
    category = forms.ChoiceField(choices=CATEGORIES, required=False)
    discount_percent = forms.IntegerField(
        required=False, min_value=1, max_value=100, label="Discount, in per cent"
    )
    valid_days = forms.IntegerField(
        required=False, min_value=1, max_value=365, label="Days for which the offer counts"
    )
    note = forms.CharField(
        max_length=200,
        required=False,
        validators=[validate_one_line],
        label="What was changed",
        help_text="Stands beside the version.",
    )

    ABOUT = ("name", "description", "category")
    OFFER = ("discount_percent", "valid_days")
    WRITTEN = ("channels", "target_criteria", *OFFER)
    field_order = ABOUT

    def __init__(self, data=None, *, said: Said | None = None, template=None, **kwargs):
        self.current = said or Said(channels={})
        self.template = template
        super().__init__(data, channels=self.current.channels, **kwargs)
        if template is None:
            del self.fields["note"]
        if data is None:
            more = {name: getattr(self.current, name) for name in self.OFFER}
            if template is not None:
                more |= {name: getattr(template, name) for name in self.ABOUT}
            self.initial = more | self.initial

    @property
    def about(self) -> dict[str, str]:
        """Arguments of ``template_versions.create`` and ``describe``."""
        return {name: self.cleaned_data[name] for name in self.ABOUT}

    @property
    def content(self) -> dict:
        """What is written here, as it is stored."""
        about = {name: getattr(self.template, name, "") for name in self.ABOUT}
        return about | self.written(self.current)

    def written(self, said: Said) -> dict:
        """What is written here of everything that a template fixes."""
        return {name: getattr(said, name) for name in self.WRITTEN}

    def said(self, blocks: list[dict], *, rule: dict) -> Said:
        """What was typed, and of the version before what cannot be typed here."""
        channels = self.channels(blocks)
        return Said(
            channels=channels,
            variations=content.narrowed(self.current.variations, to=channels),
            target_criteria=rule,
            primary_goal=self.current.primary_goal,
            discount_percent=self.cleaned_data.get("discount_percent"),
            valid_days=self.cleaned_data.get("valid_days"),
        )


class VariationForm(WordingForm):
    """Other words for some people: a name, and what is said on the template's channels."""

    name = forms.CharField(
        max_length=MAX_NAME,
        validators=[validate_one_line],
        help_text="For you alone, such as Spanish.",
    )
    field_order = ("name",)

    def __init__(self, data=None, *, said: Said, variation: dict | None = None, **kwargs):
        """
        Args:
            said: the template's own words, from which a new variation begins.
            variation: in its stored form; None for a new one, or one that is there no more.
        """
        self.content = {"words": variation}
        self.variations = said.variations
        self.place = said.variations.index(variation) if variation else len(said.variations)
        super().__init__(data, channels=_begun(said, variation), **kwargs)
        # What a page of ours asked for stays, even if the template has the channel no more.
        asked = self.channels([]) if edited.SEEN in self.data else ()
        self.keep_only({*said.channels, *asked})
        if self.has_email:
            self.fields["subject"].help_text = "Email left empty: they get the template's own."
        if self.has_sms:
            self.fields["sms"].help_text = "Left empty: they get the template's own."
        if data is None and variation:
            self.initial = {"name": variation["name"]} | self.initial

    def variation(self, blocks: list[dict], *, rule: dict) -> dict:
        """In the form that ``campaigns.content`` parses."""
        return {
            "name": self.typed("name").strip(),
            "criteria": rule,
            "channels": self.channels(blocks),
        }

    def take_all(self, errors: dict[str, list[str]], *, editor: BlocksEditor, rules) -> None:
        """Bring the errors of all variations to their places; ``rules`` is a ``RulesEditor``."""
        mine: dict[str, list[str]] = {}
        for path, said in errors.items():
            found = _OF_VARIATION.match(path)
            if not found:
                self.add_error(None, said)
            elif int(found["place"]) != self.place:
                name = self.variations[int(found["place"])]["name"]
                self.add_error(None, [f"Other words “{name}”: {each}" for each in said])
            elif found["path"] == "name":
                if "name" not in self.errors:  # the form has said it in its own words
                    self.add_error("name", said)
            elif found["path"] == "criteria":
                if not rules.problems:
                    rules.error = " ".join(said)
            else:
                mine[found["path"] or "channels"] = said
        self.take_errors(mine, editor=editor)


def _begun(said: Said, variation: dict | None) -> dict:
    return variation["channels"] if variation else said.channels
