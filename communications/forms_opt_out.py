"""The form of an opt-out that staff records; on the dashboard and in admin."""

from django import forms

from barbershop.plain_text import validate_one_line
from customers.channels import Channel, Topic

EVERYTHING = "everything"


class OptOutForm(forms.Form):
    channel = forms.ChoiceField(
        choices=[(Channel.SMS, "Texts"), (Channel.EMAIL, "Emails")], label="No more"
    )
    about = forms.ChoiceField(
        choices=[
            (Topic.MARKETING, "Offers; reminders still go"),
            (EVERYTHING, "Everything, reminders too"),
        ],
        label="About",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        validators=[validate_one_line],
        help_text="Who said what, and where. Such as: said so at the till.",
    )

    @property
    def said(self) -> dict:
        """The arguments of ``unsubscribe.by_staff`` that the form knows."""
        about = self.cleaned_data["about"]
        return {
            "channel": self.cleaned_data["channel"],
            "topic": None if about == EVERYTHING else about,
            "reason": self.cleaned_data["reason"],
        }
