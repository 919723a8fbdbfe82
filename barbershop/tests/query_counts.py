"""A list that asks the database once more per row is slow with a thousand rows.

assert_same_queries(client, "/api/barbers/", make=lambda: BarberFactory(shop=shop))
"""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(client, path: str) -> list[str]:
    """What one GET asks the database; the answer must be 200."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(path)
    assert response.status_code == 200, response.content[:500]
    return [query["sql"] for query in captured.captured_queries]


def assert_same_queries(client, path: str, *, make: Callable[[], object], rows=(1, 3)) -> int:
    """The exact number of queries with few rows and with more is the same; returns it."""
    few, many = rows
    for _ in range(few):
        make()
    client.get(path)  # what happens once (the token's last use, caches) happens here
    first = queries_of(client, path)
    for _ in range(many - few):
        make()
    second = queries_of(client, path)
    assert len(second) == len(first), "\n".join(
        [f"{path}: {len(first)} queries with {few}, {len(second)} with {many}:", *second]
    )
    return len(first)
