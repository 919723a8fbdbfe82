"""Forms that the public, or staff on somebody's behalf, fill in."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from barbershop.plain_text import validate_one_line
from customers.addresses import normalise_email, normalise_phone
from customers.channels import Channel
from customers.disclosures import Disclosure, shown
from customers.sign_up import ADDRESS_FIELD, Person

EARLIEST = 1900  # the year of anything that a customer has said


class SignUpForm(forms.Form):
    """The public sign-up: a name, and an address with a box of its own for each channel.

    No box is ticked beforehand, and the words beside it are the ones that are stored.
    """

    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
        ),
    )
    sms = forms.BooleanField(label=_("Text me"), required=False)
    email = forms.CharField(
        label=_("Email"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )
    by_email = forms.BooleanField(label=_("Email me"), required=False)
    # Only programs fill this in; people do not see it.
    website = forms.CharField(
        label=_("Leave this empty"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, shop, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.shop, self.language = shop, language
        for name, channel in (("sms", Channel.SMS), ("by_email", Channel.EMAIL)):
            self.fields[name].help_text = shown(shop=shop, channel=channel, language=language).text

    def clean_phone(self) -> str:
        try:
            return normalise_phone(self.cleaned_data["phone"], region=self.shop.country)
        except ValidationError as error:
            raise ValidationError(
                _("Enter a mobile number with its area code, such as +1 212 555 0123.")
            ) from error

    def clean_email(self) -> str:
        try:
            return normalise_email(self.cleaned_data["email"])
        except ValidationError as error:
            raise ValidationError(_("Enter an email address, such as sam@example.com.")) from error

    def clean(self):
        cleaned = super().clean()
        pairs = (("phone", "sms"), ("email", "by_email"))
        for address, box in pairs:
            given, ticked = cleaned.get(address), cleaned.get(box)
            if ticked and not given and address not in self.errors:
                self.add_error(address, _("Say where, or leave the box empty."))
            if given and not ticked:
                self.add_error(box, _("Tick this box, or leave the address empty."))
        if not self.errors and not self.addresses:
            raise ValidationError(_("Choose texts, emails, or both."))
        return cleaned

    @property
    def person(self) -> Person:
        said = self.cleaned_data
        return Person(
            first_name=said["first_name"], last_name=said["last_name"], language=self.language
        )

    @property
    def addresses(self) -> dict[str, str]:
        """By channel the address whose box was ticked."""
        said = self.cleaned_data
        boxes = ((Channel.SMS, "sms", "phone"), (Channel.EMAIL, "by_email", "email"))
        return {channel: said[name] for channel, box, name in boxes if said.get(box)}


class SignedOptInForm(forms.Form):
    """What a person of the shop knows of an opt-in that was signed outside of the product."""

    channel = forms.ChoiceField(choices=Channel.choices, label="For")
    given_at = forms.DateTimeField(
        label="Signed at",
        help_text="In the shop's time.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    source = forms.CharField(
        label="Where",
        max_length=60,
        validators=[validate_one_line],
        help_text="Such as: paper form at the till.",
    )
    wording = forms.CharField(
        label="The words that were signed",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="As they stand on the form. Without them it is no proof.",
    )
    version = forms.CharField(
        label="Version of the form",
        max_length=40,
        required=False,
        validators=[validate_one_line],
    )

    def __init__(self, *args, customer, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.customer, self.now = customer, now

    def clean_channel(self) -> str:
        channel = self.cleaned_data["channel"]
        if not getattr(self.customer, ADDRESS_FIELD[Channel(channel)]):
            raise ValidationError("There is no such address of this customer: enter it first.")
        return channel

    def clean_given_at(self):
        naive = timezone.make_naive(self.cleaned_data["given_at"], dt.UTC)
        if naive.year < EARLIEST:
            raise ValidationError("This is too long ago.")
        given_at = naive.replace(tzinfo=self.customer.shop.zone)
        if given_at > self.now:
            raise ValidationError("This is in the future.")
        return given_at

    @property
    def statement(self) -> dict:
        """The arguments of ``opting_in.by_staff`` that the form knows."""
        said = self.cleaned_data
        disclosure = Disclosure(
            channel=said["channel"], language="", version=said["version"], text=said["wording"]
        )
        return {
            "disclosure": disclosure,
            "given_at": said["given_at"],
            "source": said["source"],
        }
