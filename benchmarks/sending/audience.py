"""Start a campaign to everybody in a shop and write its audience, measured; nothing is sent yet.

``python -m benchmarks.sending.audience SHOP PEOPLE`` prints a line of figures, then the dispatch.
"""

import sys

import django

from benchmarks.sending.figures import measured


def main(shop_id: int, count: int) -> None:
    django.setup()
    from barbershop.models import Barbershop
    from benchmarks.sending import people
    from campaigns import execution

    run = execution.start(people.campaign(Barbershop.objects.get(pk=shop_id)))
    execution.pause(run)  # it is written, and waits
    with measured(count):
        written = execution.run(run.pk)
    assert written == count, f"{written} of {count} people were written"
    print(run.dispatch_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
