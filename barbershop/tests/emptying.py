"""What tests that really commit leave behind is taken out of the tables that they wrote to.

Django's own way empties every table, with new files for each on PostgreSQL, and makes all content
types and permissions anew: most of what such a test costs.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

from barbershop.evidence_guard import guards_aside

# Made with the tables, changed by no test. One that does gets Django's own way.
KEPT = ("auth_permission", "django_content_type")
_django_teardown = TransactionTestCase._fixture_teardown


def install() -> None:
    """To be called once the database of the tests is there."""
    tables, made = emptied_tables(), _kept_rows()
    may_delete = connection.vendor == "sqlite" or _is_superuser()

    def teardown(test: TransactionTestCase) -> None:
        plain = test.available_apps is None and not test.serialized_rollback
        if plain and may_delete and _kept_rows() == made:
            empty(tables)
        else:
            _django_teardown(test)

    TransactionTestCase._fixture_teardown = teardown


def emptied_tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names()) - set(KEPT))


def empty(tables: list[str]) -> None:
    """Delete all rows, evidence too. On PostgreSQL by a superuser, as triggers are then off."""
    written = _written(tables)
    if not written:
        return
    with guards_aside(connection), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        for name in written:
            cursor.execute(f"DELETE FROM {_quoted(name)}")


def _written(tables: list[str]) -> list[str]:
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {_quoted(name)})" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]


def _kept_rows() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT count(*), max(id) FROM {_quoted(name)}" for name in KEPT)
        )
        return cursor.fetchall()


def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
