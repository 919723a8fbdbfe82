"""The database's own refusal to change or delete evidence, whoever asks and in whatever way.

The ORM refuses in ``models.append_only``; these triggers refuse raw SQL and whatever goes around
it. Emptying a whole database (PostgreSQL's TRUNCATE, the ``flush`` command) stays possible.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.migrations.operations.base import Operation

FUNCTION = "refuse_change_of_evidence"
_VERBS = ("UPDATE", "DELETE")
# IntegrityError in Python, like SQLite's ABORT.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class GuardEvidence(Operation):
    """In a migration: from here on rows of the table are only ever added.

    On SQLite a later change of the table makes it anew, without its triggers: that migration has
    to end with this operation again. ``test_evidence_guard`` says so when it was forgotten.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str):
        self.table = table

    def deconstruct(self):
        return type(self).__name__, [self.table], {}

    def state_forwards(self, app_label, state):
        """Triggers are no part of the models."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        is_sqlite = schema_editor.connection.vendor == "sqlite"
        for statement in _sqlite(self.table) if is_sqlite else _postgresql(self.table):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {self.table}"
        for name in trigger_names(self.table):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)

    def describe(self):
        return f"Refuse changes of rows of {self.table}"


def trigger_names(table: str) -> list[str]:
    return [f"{table}_refuses_{verb.lower()}" for verb in _VERBS]


def _sqlite(table: str) -> list[str]:
    said = f"rows of {table} are append-only"
    return [
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        for name, verb in zip(trigger_names(table), _VERBS, strict=True)
    ]


def _postgresql(table: str) -> list[str]:
    return [
        _POSTGRESQL_FUNCTION,
        *(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
            for name, verb in zip(trigger_names(table), _VERBS, strict=True)
        ),
    ]


@contextmanager
def guards_aside(connection) -> Iterator[None]:
    """While a whole SQLite database is emptied, which it does row by row.

    PostgreSQL truncates instead, and triggers of rows have no say in that.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = [row for row in cursor.fetchall() if "_refuses_" in row[0]]
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _, statement in guards:
                cursor.execute(statement)
