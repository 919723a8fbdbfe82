"""A segment's name and what it is for, and a campaign for it; its rules are
``customers.segments.rule_form``."""

from django import forms

from barbershop.plain_text import validate_one_line
from customers.models import CustomerSegment
from customers.segments.rule_form import RulesEditor


class SegmentForm(forms.Form):
    name = forms.CharField(max_length=120, validators=[validate_one_line])
    description = forms.CharField(
        max_length=300, required=False, validators=[validate_one_line], label="What it is for"
    )

    def __init__(self, *args, shop, segment: CustomerSegment | None = None, **kwargs):
        if segment is not None:
            kwargs["initial"] = {"name": segment.name, "description": segment.description}
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.shop, self.segment = shop, segment

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        others = CustomerSegment.objects.for_shop(self.shop).filter(name=name)
        if self.segment is not None:
            others = others.exclude(pk=self.segment.pk)
        if others.exists():
            raise forms.ValidationError("There is a segment with this name already.")
        return name


class SegmentCampaignForm(forms.Form):
    """From which template, and how the campaign is called."""

    name = forms.CharField(max_length=160, validators=[validate_one_line])
    template = forms.ChoiceField(
        help_text="The draft has the words of its first message. To say something else, change a "
        "copy of it under Templates first."
    )

    def __init__(self, *args, points: dict, segment: CustomerSegment, **kwargs):
        super().__init__(*args, initial={"name": f"For {segment.name}"}, **kwargs)
        self.fields["template"].choices = [
            (key, point.blueprint.name) for key, point in points.items()
        ]


def press(editor: RulesEditor, pressed: str, data) -> bool:
    """Do what a button of the rules says; False when it is no button of theirs."""
    verb, _, place = pressed.partition("-")
    if verb not in ("add", "remove"):
        return False
    editor.forget_errors()
    if verb == "add":
        editor.add(data.get(f"{editor.prefix}-new", ""))
    else:
        editor.remove(place)
    return True
