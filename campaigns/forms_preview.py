"""Where a test send goes."""

import re

from django import forms
from django.core.exceptions import ValidationError

from campaigns import trial
from customers.addresses import normalise_email, normalise_phone
from customers.models import Customer


class TrialForm(forms.Form):
    """Emails and numbers, by commas or spaces, and as whom it is filled in."""

    variant = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    variation = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    emails = forms.CharField(label="Emails", required=False, max_length=2_000)
    phones = forms.CharField(
        label="Phones",
        required=False,
        max_length=500,
        help_text="Only numbers of your team, or those that the shop has verified.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    as_customer = forms.ChoiceField(
        label="Filled in as",
        required=False,
        help_text="It is no message to that customer: its links count for nobody, unsubscribing "
        "stops only the address that got it, and its code is a sample.",
    )

    def __init__(self, *args, user, shop, customer: Customer | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.shop, self.customer = shop, customer
        self.fields["emails"].initial = user.email
        if customer is None:
            del self.fields["as_customer"]
            return
        name = customer.full_name or "Customer without a name"
        self.fields["as_customer"].choices = [
            ("", "Nobody, with examples"),
            (str(customer.pk), name),
        ]

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
        names = ("emails", "phones", "variant", "variation")
        said = {name: self.cleaned_data[name] for name in names}
        chosen = self.cleaned_data.get("as_customer")
        return said | ({"customer": self.customer} if chosen else {})


def _addresses(said: str, apart: str, normalised) -> list[str]:
    found = [normalised(each.strip()) for each in re.split(apart, said) if each.strip()]
    if len(found) > trial.MOST:
        raise ValidationError(f"At most {trial.MOST}.")
    return found
