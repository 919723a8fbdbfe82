"""Somebody with the keys of the database: for tests that show that a chain tells on him."""

from contextlib import contextmanager

from django.db import connection

from barbershop.evidence_guard import guards_aside


@contextmanager
def unguarded(table: str):
    """Take the guard off a table of evidence, as its owner could."""
    if connection.vendor == "sqlite":
        with guards_aside(connection):
            yield
        return
    with connection.cursor() as cursor:
        # A table with foreign keys still to be checked cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def execute(table: str, sql: str, parameters=()) -> None:
    """Run a statement that the table's guard would refuse."""
    with unguarded(table), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
