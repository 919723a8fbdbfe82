"""What the provider tells of calls that it has, in any order and as often as it likes."""

import datetime as dt
from dataclasses import dataclass

from communications.channels import SmsCall
from communications.events import Reported
from communications.tests.ledger_machine.provider import Accepted, Letter

KINDS = ["queued", "sent", "delivered", "opened", "bounced"]


@dataclass(frozen=True)
class Told:
    provider: str
    reported: Reported
    address: str


def report(accepted: Accepted, letter: Letter, *, kind: str, key: str, at: dt.datetime) -> Told:
    """One event about one recipient; Twilio has no word for opened and bounced."""
    is_sms = isinstance(accepted.call, SmsCall)
    if is_sms and kind in ("opened", "bounced"):
        kind = "failed"
    reported = Reported(
        key=key,
        kind=kind,
        payload={"MessageSid": accepted.sid, "ErrorCode": "30003"} if is_sms else {},
        communication=letter.communication,
        attempt=accepted.attempt,
        occurred_at=at,
    )
    return Told("twilio" if is_sms else "sendgrid", reported, letter.address)
