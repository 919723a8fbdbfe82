"""What the sandbox remembers of a message it accepted."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .exchange import Response


@dataclass(slots=True)
class Email:
    """One recipient of one mail. Bodies are in the record, not here."""

    to: str
    from_email: str
    subject: str
    message_id: str
    sg_message_id: str
    custom_args: dict[str, str]
    categories: list[str] = field(default_factory=list)
    link: str = ""
    unsubscribe_link: str = ""

    kind = "email"

    @property
    def communication(self) -> str:
        return self.custom_args.get("communication", "")

    @property
    def ids(self) -> tuple[str, ...]:
        """What the provider calls it; `message_id` is shared by all of one request."""
        return self.sg_message_id, self.message_id


@dataclass(slots=True)
class Text:
    """One outbound SMS, as Twilio's Message resource."""

    sid: str
    account_sid: str
    to: str
    sender: str
    body: str
    created_at: datetime
    segments: int
    base_micros: int | None
    messaging_service_sid: str = ""
    status_callback: str = ""
    callback_arguments: dict[str, str] = field(default_factory=dict)
    status: str = "queued"
    updated_at: datetime | None = None
    sent_at: datetime | None = None
    error_code: int | None = None
    error_message: str | None = None

    kind = "sms"

    @property
    def communication(self) -> str:
        return self.callback_arguments.get("communication", "")

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.sid,)


Message = Email | Text


@dataclass(frozen=True)
class Accepted:
    """A request that may be accepted: the answer, the record's lines and the messages.

    `blocks` is how many parts of the request an error could name.
    """

    response: Response
    lines: list[dict[str, Any]]
    messages: list[Message]
    blocks: int = 1
