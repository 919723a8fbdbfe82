"""Make so many messages and publish a task for each; with 0, make their table.

``python -m benchmarks.sending.naive.publish MESSAGES``
"""

import sys
import uuid

from benchmarks.sending.naive import tasks


def main(count: int) -> None:
    from django.db import connection

    from benchmarks.sending.naive.models import Message

    if not count:
        with connection.schema_editor() as editor:
            editor.create_model(Message)
        return
    Message.objects.all().delete()
    made = Message.objects.bulk_create(
        Message(email=f"p{n}@example.com", first_name="Sam", barber="Tony", token=uuid.uuid4())
        for n in range(count)
    )
    for message in made:
        tasks.send.delay(message.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
