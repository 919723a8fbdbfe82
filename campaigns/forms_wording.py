"""What a person types as the words of an email and of a text message.

They are judged by the parser of contents; the blocks of the email are a ``BlocksEditor``.
"""

from collections.abc import Collection

from django import forms

from campaigns.forms_blocks import BlocksEditor

BLOCKS = "channels.email.blocks"
EMAIL_FIELDS = ("subject", "preheader", "message", "html")
# Where the parser's words belong; what is not named here is said above the form.
_PLACES = {
    "channels.email.subject": "subject",
    "channels.email.preheader": "preheader",
    "channels.email.message": "message",
    "channels.email.html": "html",
    "channels.sms.message": "sms",
    # A campaign by both channels that says nothing on one of them.
    "channels.email": "subject",
    "channels.sms": "sms",
}


class WordingForm(forms.Form):
    """The words of both channels; of the email all but the blocks."""

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

    def __init__(self, data=None, *, channels: dict, **kwargs):
        """
        Args:
            channels: the stored form of what was said so far.
        """
        self.channels_before = channels
        super().__init__(data, use_required_attribute=False, **kwargs)
        email = _dict(channels.get("email"))
        # Of a form that was sent: as when its page was opened, even if the email was made anew.
        if not ("html" in data if self.is_bound else email.get("html")):
            del self.fields["html"]
        if data is None:
            self.initial = _initial(channels) | self.initial

    @property
    def is_html(self) -> bool:
        """Whether the email is HTML of the shop's own, and not blocks."""
        return "html" in self.fields

    @property
    def has_email(self) -> bool:
        return "subject" in self.fields

    @property
    def has_sms(self) -> bool:
        return "sms" in self.fields

    @property
    def head(self) -> list[forms.BoundField]:
        return self._those("subject", "preheader")

    @property
    def body(self) -> list[forms.BoundField]:
        return self._those("html", "message")

    def channels(self, blocks: list[dict]) -> dict:
        """What was typed, in the form that ``campaigns.content`` parses."""
        typed = {name: self.typed(name) for name in EMAIL_FIELDS}
        channels = {}
        if self.has_email and (blocks or any(value.strip() for value in typed.values())):
            channels["email"] = {name: value for name, value in typed.items() if value.strip()}
            channels["email"] |= {"blocks": blocks} if blocks else {}
            if self._is_message(blocks):
                channels["email"]["message"] = channels["email"].pop("blocks")[0]["text"]
            channels["email"]["personalization"] = self._personal("email")
        if self.typed("sms").strip():
            channels["sms"] = {"message": self.typed("sms")}
            channels["sms"]["personalization"] = self._personal("sms")
        return channels

    def keep_only(self, channels: Collection[str]) -> None:
        """Take the fields of the other channels out."""
        fields = {"email": EMAIL_FIELDS, "sms": ("sms",)}
        for name in [each for channel in fields.keys() - set(channels) for each in fields[channel]]:
            self.fields.pop(name, None)

    def typed(self, name: str) -> str:
        """A text as it stands in the form, judged or not."""
        value = self[name].value() if name in self.fields else ""
        return (value or "").replace("\r\n", "\n")

    def take_errors(self, errors: dict[str, list[str]], *, editor: BlocksEditor) -> None:
        """Bring the parser's words to their places, here and in the blocks."""
        if self._is_message(editor.blocks) and (path := "channels.email.message") in errors:
            errors = {**errors, f"{BLOCKS}.0.text": errors[path]}
            del errors[path]
        for path, said in editor.take_errors(errors, at=BLOCKS).items():
            place = _PLACES.get(path)
            if place in self.fields:
                self.add_error(place, said)
            else:
                self.add_error(None, [f"{path}: {each}" for each in said])

    def _is_message(self, blocks: list[dict]) -> bool:
        """Whether the one block is the message that ``editor_of`` made a block of."""
        email = _dict(self.channels_before.get("email"))
        was_message = email.get("message") and not (email.get("blocks") or email.get("html"))
        if not was_message or self.is_html or self.typed("message").strip():
            return False
        return [each["type"] for each in blocks] == ["text"] and bool(blocks[0].get("text"))

    def _personal(self, channel: str) -> bool:
        return _dict(self.channels_before.get(channel)).get("personalization", True)

    def _those(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]


def editor_of(channels: dict, data=None) -> BlocksEditor:
    """The blocks of an email; one that is only a message is one block of text."""
    if data is not None:
        return BlocksEditor(data=data)
    email = _dict(channels.get("email"))
    if email.get("blocks") or email.get("html"):
        return BlocksEditor(raw=email.get("blocks"))
    message = email.get("message")
    return BlocksEditor(raw=[{"type": "text", "text": message}] if message else [])


def _initial(channels: dict) -> dict:
    email, sms = _dict(channels.get("email")), _dict(channels.get("sms"))
    has_body = email.get("blocks") or email.get("html")
    return {
        "subject": email.get("subject", ""),
        "preheader": email.get("preheader", ""),
        "html": email.get("html", ""),
        "message": email.get("message", "") if has_body else "",
        "sms": sms.get("message", ""),
    }


def _dict(found) -> dict:
    return found if isinstance(found, dict) else {}
