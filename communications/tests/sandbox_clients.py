"""The real clients of both providers, pointed at a sandbox."""

import requests
from anymail.backends.sendgrid import EmailBackend
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from communications.sandbox import running_sandbox

TOKEN = "any-token"
ACCOUNT = "AC" + "1" * 32
OUR_NUMBER = "+12015550199"
CUSTOMER = "+12015550123"
STATUS_PATH = "/webhooks/twilio/status/"
INBOUND_PATH = "/webhooks/twilio/inbound/"
CALLBACK = f"https://shop.example{STATUS_PATH}?communication=c-9"


def mail(*addresses: str, **changes) -> dict:
    """A mail/send body with one personalization for each address."""
    people = addresses or ("ann@example.com",)
    personalizations = [
        {
            "to": [{"email": address}],
            "custom_args": {"communication": f"c-{number}", "attempt": "a-1"},
        }
        for number, address in enumerate(people)
    ]
    return {
        "personalizations": personalizations,
        "from": {"email": "shop@example.com", "name": "The Shop"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hello there"}],
        **changes,
    }


def post_mail(sandbox, body, *, key: str = "SG.any", **options) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.post(
        f"{sandbox.sendgrid_url}mail/send", json=body, headers=headers, timeout=10, **options
    )


def anymail_backend(sandbox) -> EmailBackend:
    return EmailBackend(
        api_key="SG.any",
        api_url=sandbox.sendgrid_url,
        generate_message_id=False,
        merge_field_format="[[{}]]",
    )


class _ToSandbox(TwilioHttpClient):
    def __init__(self, url: str):
        super().__init__(timeout=10)
        self._url = url

    def request(self, method, url, *args, **kwargs):
        return super().request(
            method, url.replace("https://api.twilio.com", self._url), *args, **kwargs
        )


def twilio_client(sandbox, *, token: str = TOKEN, account: str = ACCOUNT) -> Client:
    return Client(account, token, http_client=_ToSandbox(sandbox.twilio_url))


def send_text(sandbox, *, to: str = CUSTOMER, body: str = "Your chair is free.", **options):
    options.setdefault("from_", OUR_NUMBER)
    return twilio_client(sandbox).messages.create(to=to, body=body, **options)


def playing(receiver, **options):
    """A sandbox that plays at once and retries soon."""
    defaults = {
        "webhook_base": receiver.url,
        "public_base": "https://shop.example",
        "speed": 0,
        "webhook_backoff": 0.01,
        "twilio_token": "secret",
        "workers": 1,  # several would overtake each other
    }
    return running_sandbox(**defaults | options)


def text_through(sandbox, **options):
    """Send a text by the account of a `playing` sandbox."""
    return twilio_client(sandbox, token="secret").messages.create(
        **{"to": CUSTOMER, "from_": OUR_NUMBER, "body": "Hi", "status_callback": CALLBACK} | options
    )


def names(events):
    """What happened, in order."""
    return [event["event"] for event in events]
