"""Select, render, send, mark: one task per message."""

import os

import django
from celery import Celery
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import timezone

from benchmarks.sending import letter

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.sending.naive.settings"
django.setup()
app = Celery("naive", broker=os.environ["REDIS_URL"])


@app.task(ignore_result=True)
def send(message_id: int) -> None:
    from benchmarks.sending.naive.models import Message

    message = Message.objects.get(pk=message_id)
    values = letter.values(
        first_name=message.first_name, barber=message.barber, token=message.token.hex
    )
    mail = EmailMultiAlternatives(
        subject=_rendered(letter.SUBJECT, values),
        body=_rendered(f"{letter.TEXT}\n\n--\n{letter.FOOTER}", values),
        to=[message.email],
        headers={"List-Unsubscribe": f"<{values['unsubscribe_link']}>"},
    )
    mail.attach_alternative(_rendered(letter.HTML, values), "text/html")
    mail.send()
    message.status = "sent"
    message.sent_at = timezone.now()
    message.provider_id = mail.anymail_status.message_id or ""
    message.save()


def _rendered(template: str, values: dict[str, str]) -> str:
    return Engine.get_default().from_string(template).render(Context(values))
