"""Fields of a form for the inputs of a fact. What they read is as the criteria language has it."""

from django import forms
from django.core.exceptions import ValidationError

from customers.segments import inputs


class DayField(forms.DateField):
    """A day as the criteria language writes it."""

    def clean(self, value):
        found = super().clean(value)
        return found and found.isoformat()


class WordsField(forms.CharField):
    """Words, or whole numbers, parted by commas."""

    def __init__(self, *args, number: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        words = [word.strip() for word in super().to_python(value).split(",") if word.strip()]
        if not self.number:
            return words
        try:
            return [int(word) for word in words]
        except ValueError as error:
            raise ValidationError("Write whole numbers.", code="invalid") from error

    def validate(self, value):
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value):
        """The criteria language judges each word."""


def field_of(each: inputs.Input) -> forms.Field:
    common = {"label": each.label, "required": each.required}
    if each.kind == inputs.NUMBER:
        return forms.IntegerField(min_value=each.least, max_value=each.most, **common)
    if each.kind == inputs.DECIMAL:
        return forms.FloatField(
            min_value=each.least,
            max_value=each.most,
            widget=forms.NumberInput(attrs={"step": "0.01"}),
            **common,
        )
    if each.kind == inputs.DATE:
        return DayField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
    if each.kind in (inputs.ONE, inputs.SOME):
        return _choice_field(each, common)
    if each.kind == inputs.FLAG:
        return forms.TypedChoiceField(
            choices=[("", "Any")] * (not each.required) + [("True", "Yes"), ("False", "No")],
            coerce=lambda word: word == "True",
            empty_value=None,
            **common,
        )
    if each.kind == inputs.WORDS:
        said = "Several are parted by commas."
        return WordsField(help_text=said, max_length=2_000, number=each.number, **common)
    if each.kind == inputs.JSON:
        return forms.JSONField(help_text="As JSON.", **common)
    return forms.CharField(max_length=120, **common)


def _choice_field(each: inputs.Input, common: dict) -> forms.Field:
    meant = {each.sent(value): value for value, _ in each.choices}
    choices = [(each.sent(value), label) for value, label in each.choices]
    if each.kind == inputs.SOME:
        if each.more:
            offered = f"The first {inputs.MOST_CHOICES:,} are offered; JSON can name any."
            common = {**common, "help_text": offered}
        return forms.TypedMultipleChoiceField(
            choices=choices,
            coerce=meant.__getitem__,
            widget=forms.CheckboxSelectMultiple,
            **common,
        )
    if not each.required:
        choices.insert(0, ("", "Any"))
    return forms.TypedChoiceField(choices=choices, coerce=meant.__getitem__, **common)


def shows_itself(shown: forms.BoundField):
    """What a field reads when it is sent as it is shown.

    Raises:
        django.core.exceptions.ValidationError: when that is refused.
    """
    widget = shown.field.widget
    sent = widget.format_value(shown.value())
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        sent = sent[0] if sent else ""
    return shown.field.clean(sent)
