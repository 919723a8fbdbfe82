"""Which moment it is, for everybody the same: the database's clock.

Leases, deadlines and limits are compared by many machines. A worker whose own clock is wrong, or
that stood still for a while, must find that its lease has run out.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone


def database_now() -> dt.datetime:
    """This moment by the database's clock, also within a transaction.

    SQLite runs in this process and has no other clock than ours.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
