"""The database's own refusal to change or delete evidence, whoever asks and in whatever way.

The ORM refuses in ``models.append_only``; these triggers refuse raw SQL and whatever goes around
it. A guard may name columns of text that an erasure empties; they cannot be changed otherwise.
Emptying a whole database (PostgreSQL's TRUNCATE, the ``flush`` command) stays possible.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.migrations.operations.base import Operation

FUNCTION = "refuse_change_of_evidence"
_VERBS = ("UPDATE", "DELETE")
# IntegrityError in Python, like SQLite's ABORT. The trigger's arguments are the columns that may be
# emptied: of them some must have become empty, and everything else must be as it was.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb;
    allowed jsonb := before;
    name text;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        after := to_jsonb(NEW);
        FOREACH name IN ARRAY TG_ARGV LOOP
            IF after ->> name = '' THEN
                allowed := allowed || jsonb_build_object(name, ''::text);
            END IF;
        END LOOP;
        IF after = allowed AND after <> before THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class GuardEvidence(Operation):
    """In a migration: from here on rows of the table are only ever added.

    On SQLite a later change of the table makes it anew, without its triggers: that migration has
    to end with this operation again. ``test_evidence_guard`` says so when it was forgotten.

    Args:
        emptied: columns of text which an erasure may empty, and change in no other way.
        replaces: the table is guarded already; going back brings back that guard, which lets
            nothing be emptied.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, *, emptied: Sequence[str] = (), replaces: bool = False):
        self.table = table
        self.emptied = tuple(emptied)
        self.replaces = replaces

    def deconstruct(self):
        given = {"emptied": self.emptied, "replaces": self.replaces}
        return type(self).__name__, [self.table], {k: v for k, v in given.items() if v}

    def state_forwards(self, app_label, state):
        """Triggers are no part of the models."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self._take_off(schema_editor)
        columns = _columns(self.table, to_state) if self.emptied else []
        self._put_up(schema_editor, emptied=self.emptied, columns=columns)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self._take_off(schema_editor)
        if self.replaces:
            self._put_up(schema_editor, emptied=(), columns=[])

    def describe(self):
        but = f", but emptying {', '.join(self.emptied)}" if self.emptied else ""
        return f"Refuse changes of rows of {self.table}{but}"

    def _put_up(self, schema_editor, *, emptied: Sequence[str], columns: list[str]) -> None:
        if schema_editor.connection.vendor == "sqlite":
            statements = _sqlite(self.table, emptied=emptied, columns=columns)
        else:
            statements = _postgresql(self.table, emptied=emptied)
        for statement in statements:
            schema_editor.execute(statement, params=None)

    def _take_off(self, schema_editor) -> None:
        on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {self.table}"
        for name in trigger_names(self.table):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)


def _columns(table: str, state) -> list[str]:
    """The columns of a table as the migration leaves it."""
    (model,) = (m for m in state.apps.get_models() if m._meta.db_table == table)
    return [field.column for field in model._meta.local_concrete_fields]


def trigger_names(table: str) -> list[str]:
    return [f"{table}_refuses_{verb.lower()}" for verb in _VERBS]


def _sqlite(table: str, *, emptied: Sequence[str], columns: list[str]) -> list[str]:
    said = f"rows of {table} are append-only"
    unless = f" WHEN NOT ({_only_emptied(emptied, columns)})" if emptied else ""
    return [
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table}{unless if verb == 'UPDATE' else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        for name, verb in zip(trigger_names(table), _VERBS, strict=True)
    ]


def _only_emptied(emptied: Sequence[str], columns: list[str]) -> str:
    """SQL: every column is as it was, but for some of these that have become empty."""
    same = [f'OLD."{name}" IS NEW."{name}"' for name in columns if name not in emptied]
    empty = [f'(OLD."{name}" IS NEW."{name}" OR NEW."{name}" IS \'\')' for name in emptied]
    some = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in emptied)
    return " AND ".join([*same, *empty, f"({some})"])


def _postgresql(table: str, *, emptied: Sequence[str]) -> list[str]:
    names = ", ".join(f"'{name}'" for name in emptied)
    arguments = dict(zip(_VERBS, (names, ""), strict=True))
    return [
        _POSTGRESQL_FUNCTION,
        *(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}({arguments[verb]})"
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
