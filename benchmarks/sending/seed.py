"""Make a shop with so many people, and print its id: ``python -m benchmarks.sending.seed PEOPLE``.

A process of its own, so that the memory it takes is not taken for the audience's.
"""

import sys

import django


def main(count: int) -> None:
    django.setup()
    from benchmarks.sending import people

    shop = people.shop_with(count)
    people.analyse()
    print(shop.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
