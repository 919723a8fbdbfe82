"""Anymail's own batch, without any ledger: ``merge_data`` for 1,000 recipients a call.

``python -m benchmarks.sending.batch MESSAGES RUNS``
"""

import os
import sys

import django
from django.core.mail import EmailMultiAlternatives, get_connection

from benchmarks.sending import letter
from benchmarks.sending.figures import measured

PER_CALL = 1_000


def main(messages: int, runs: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.sending.naive.settings"
    django.setup()
    people = [(f"p{n}@example.com", f"{n:032x}") for n in range(messages)]
    for _ in range(runs):
        with measured(messages), get_connection() as connection:
            for start in range(0, messages, PER_CALL):
                _message(people[start : start + PER_CALL], connection=connection).send()


def _message(people: list[tuple[str, str]], *, connection) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.SUBJECT,
        body=letter.TEXT,
        to=[email for email, _ in people],
        connection=connection,
    )
    message.attach_alternative(letter.HTML, "text/html")
    message.merge_data = {
        email: letter.values(first_name="Sam", barber="Tony", token=token)
        for email, token in people
    }
    message.merge_metadata = {email: {"communication": token} for email, token in people}
    message.merge_headers = {
        email: {"List-Unsubscribe": f"<{message.merge_data[email]['unsubscribe_link']}>"}
        for email, _ in people
    }
    return message


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
