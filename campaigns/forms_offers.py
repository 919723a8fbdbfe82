"""What the till types."""

import datetime as dt

from django import forms

from barbershop.currencies import minor_units
from barbershop.plain_text import validate_one_line
from barbershop.templatetags.ui import moment_text
from campaigns.models import Offer, OfferCode
from campaigns.redeeming import NEAR
from communications.budgets.forms import AmountField
from customers.models import Appointment

MOST_REASON = 200


class CodeForm(forms.Form):
    """A code as it stands on a phone or a slip of paper."""

    code = forms.CharField(
        max_length=80,
        label="Code",
        help_text="Capitals, spaces and dashes do not matter.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "search",
            }
        ),
    )


class RedeemForm(forms.Form):
    """For what a code that was found is taken."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=80)
    appointment = forms.ModelChoiceField(
        queryset=Appointment.objects.none(),
        required=False,
        label="For which visit",
        empty_label="No visit in the book",
    )
    amount = AmountField(required=False)

    def __init__(self, *args, code: OfferCode, now: dt.datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.found = code
        self.fields["code"].initial = code.code
        amount = self.fields["amount"]
        amount.label = f"To pay, in {code.shop.currency}"
        amount.help_text = "Without it the price of the visit counts."
        visits = Appointment.objects.for_shop(code.shop).select_related("service")
        visits = visits.filter(
            customer=code.customer_id,
            starts_at__range=(now - NEAR, now + NEAR),
            status__in=[Appointment.Status.BOOKED, Appointment.Status.COMPLETED],
        )
        field = self.fields["appointment"]
        field.queryset, field.label_from_instance = visits, self._named
        field.initial = visits[0] if len(visits) == 1 else None
        self.needs_amount = code.offer.kind == Offer.Kind.PERCENT
        if code.customer_id is None or not visits:
            del self.fields["appointment"]
            amount.required = self.needs_amount
            amount.help_text = "The discount is a part of it." if self.needs_amount else ""

    def _named(self, visit: Appointment) -> str:
        at = visit.starts_at.astimezone(self.found.shop.zone)
        return f"{moment_text(at)}, {visit.service or 'a visit'}"

    @property
    def said(self) -> dict:
        """Arguments of ``redeeming.redeem``."""
        given = self.cleaned_data
        micros = given.get("amount")
        return {
            "appointment": given.get("appointment"),
            "amount": None if micros is None else minor_units(micros, self.found.shop.currency),
        }


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=MOST_REASON,
        label="Why",
        validators=[validate_one_line],
        help_text="It is kept in the shop's audit log, with your name.",
    )
