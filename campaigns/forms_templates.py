"""What a person types into a template; its words are judged by the parser of contents."""

from django import forms

from barbershop.plain_text import validate_one_line
from campaigns import content
from campaigns.forms_blocks import BlocksEditor
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said

BLOCKS = "channels.email.blocks"
# Where the parser's words belong; what is not named here is said above the form.
_PLACES = {
    "channels.email.subject": "subject",
    "channels.email.preheader": "preheader",
    "channels.email.message": "message",
    "channels.email.html": "html",
    "channels.sms.message": "sms",
}
CATEGORIES = [("", "None"), *CampaignDefinition.Category.choices]


class NameForm(forms.Form):
    """What a new template is called."""

    name = forms.CharField(max_length=120, validators=[validate_one_line])


class TemplateForm(forms.Form):
    """All words but the blocks, which are a ``BlocksEditor``."""

    name = forms.CharField(max_length=120, validators=[validate_one_line])
    description = forms.CharField(
        max_length=300, required=False, validators=[validate_one_line], label="What it is for"
    )
    category = forms.ChoiceField(choices=CATEGORIES, required=False)
    subject = forms.CharField(required=False, strip=False, help_text="Without it, no email.")
    preheader = forms.CharField(
        required=False,
        strip=False,
        label="Preview line",
        help_text="Stands beside the subject in the inbox.",
    )
    html = forms.CharField(
        required=False, strip=False, label="HTML", widget=forms.Textarea(attrs={"rows": 12})
    )
    message = forms.CharField(
        required=False,
        strip=False,
        label="Plain text of the email",
        help_text="Empty: made from what stands above.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    sms = forms.CharField(
        required=False,
        strip=False,
        label="Text message",
        help_text="Without it, email only. Check shows how many parts it has.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
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

    def __init__(self, data=None, *, said: Said | None = None, template=None, **kwargs):
        self.current = said or Said(channels={})
        super().__init__(data, use_required_attribute=False, **kwargs)
        email = _dict(self.current.channels.get("email"))
        if not email.get("html"):
            del self.fields["html"]
        if template is None:
            del self.fields["note"]
        if data is None:
            self.initial = _initial(self.current, template) | self.initial

    @property
    def about(self) -> dict[str, str]:
        """Arguments of ``template_versions.create`` and ``describe``."""
        return {name: self.cleaned_data[name] for name in self.ABOUT}

    def said(self, blocks: list[dict]) -> Said:
        """What was typed, and of the version before what cannot be typed here."""
        typed = {name: self.typed(name) for name in ("subject", "preheader", "message", "html")}
        channels = {}
        if blocks or any(value.strip() for value in typed.values()):
            channels["email"] = {name: value for name, value in typed.items() if value.strip()}
            channels["email"] |= {"blocks": blocks} if blocks else {}
            channels["email"]["personalization"] = self._personal("email")
        if self.typed("sms").strip():
            channels["sms"] = {"message": self.typed("sms")}
            channels["sms"]["personalization"] = self._personal("sms")
        return Said(
            channels=channels,
            variations=content.narrowed(self.current.variations, to=channels),
            target_criteria=self.current.target_criteria,
            primary_goal=self.current.primary_goal,
            discount_percent=self.cleaned_data.get("discount_percent"),
            valid_days=self.cleaned_data.get("valid_days"),
        )

    def typed(self, name: str) -> str:
        """A text as it stands in the form, judged or not."""
        value = self[name].value() if name in self.fields else ""
        return (value or "").replace("\r\n", "\n")

    def take_errors(self, errors: dict[str, list[str]], *, editor: BlocksEditor) -> None:
        """Bring the parser's words to their places, here and in the blocks."""
        for path, said in editor.take_errors(errors, at=BLOCKS).items():
            place = _PLACES.get(path)
            if place in self.fields:
                self.add_error(place, said)
            else:
                self.add_error(None, [f"{path}: {each}" for each in said])

    def _personal(self, channel: str) -> bool:
        return _dict(self.current.channels.get(channel)).get("personalization", True)


def editor_of(said: Said | None, data=None) -> BlocksEditor:
    """The blocks of a version; an email that is only a message is one block of text."""
    if data is not None:
        return BlocksEditor(data=data)
    email = _dict(said and said.channels.get("email"))
    if email.get("blocks") or email.get("html"):
        return BlocksEditor(raw=email.get("blocks"))
    message = email.get("message")
    return BlocksEditor(raw=[{"type": "text", "text": message}] if message else [])


def _initial(said: Said, template: CampaignTemplate | None) -> dict:
    email, sms = _dict(said.channels.get("email")), _dict(said.channels.get("sms"))
    has_body = email.get("blocks") or email.get("html")
    found = {
        "subject": email.get("subject", ""),
        "preheader": email.get("preheader", ""),
        "html": email.get("html", ""),
        "message": email.get("message", "") if has_body else "",
        "sms": sms.get("message", ""),
        "discount_percent": said.discount_percent,
        "valid_days": said.valid_days,
    }
    if template is not None:
        found |= {name: getattr(template, name) for name in TemplateForm.ABOUT}
    return found


def _dict(found) -> dict:
    return found if isinstance(found, dict) else {}
