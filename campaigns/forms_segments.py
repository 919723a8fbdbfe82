"""A segment's name and what it is for; its rules are ``customers.segments.rule_form``."""

from django import forms

from barbershop.plain_text import validate_one_line
from customers.models import CustomerSegment


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
