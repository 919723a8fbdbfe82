"""An amount of money as people type it, in the dashboard and in admin."""

import re

from django import forms

from communications.budgets.amounts import NotAnAmount, parse

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


class AmountField(forms.CharField):
    """Micros of ``50``, ``$50.00`` or ``1,234.50``; the comma parts thousands only."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 25)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(**kwargs)

    def clean(self, value) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None  # and it is not required
        typed = typed.lstrip("$€£")
        if _GROUPED.fullmatch(typed):
            typed = typed.replace(",", "")
        try:
            return parse(typed)
        except NotAnAmount as error:
            raise forms.ValidationError(str(error)) from error
