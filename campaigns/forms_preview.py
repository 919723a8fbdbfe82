"""Where a test send goes."""

import re

from django import forms
from django.core.exceptions import ValidationError

from campaigns import trial
from customers.addresses import normalise_email, normalise_phone


class TrialForm(forms.Form):
    """Emails and numbers, by commas or spaces."""

    emails = forms.CharField(label="Emails", required=False, max_length=2_000)
    phones = forms.CharField(
        label="Phones",
        required=False,
        max_length=500,
        help_text="Only numbers of your team, or those that the shop has verified.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    variation = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args, user, shop, **kwargs):
        super().__init__(*args, **kwargs)
        self.shop = shop
        self.fields["emails"].initial = user.email

    def clean_emails(self) -> list[str]:
        return _addresses(self.cleaned_data["emails"], r"[,;\s]+", normalise_email)

    def clean_phones(self) -> list[str]:
        return _addresses(self.cleaned_data["phones"], r"[,;\n]+", self._phone)

    def _phone(self, said: str) -> str:
        return normalise_phone(said, region=self.shop.country)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and not cleaned["emails"] and not cleaned["phones"]:
            raise ValidationError("Give at least one email or phone.")
        return cleaned

    @property
    def addresses(self) -> dict:
        """What ``trial.send`` takes."""
        return {name: self.cleaned_data[name] for name in ("emails", "phones", "variation")}


def _addresses(said: str, apart: str, normalised) -> list[str]:
    found = [normalised(each.strip()) for each in re.split(apart, said) if each.strip()]
    if len(found) > trial.MOST:
        raise ValidationError(f"At most {trial.MOST}.")
    return found
