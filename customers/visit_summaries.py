"""The triggers that keep ``VisitSummary`` equal to the rows it sums up; and making it anew.

In the database, because rows come in by many doors (API, CSV, admin, bulk statements) and a sum
that one of them forgets is a person written to who came yesterday. On PostgreSQL once for each
statement, on SQLite for each row. Two who write about one customer wait for each other.
"""

from collections.abc import Iterable

from django.db import connections, transaction
from django.db.migrations.operations.base import Operation

FUNCTION = "sum_up_visits"
HOLD = "hold_visit_summaries"
VERBS = ("INSERT", "UPDATE", "DELETE")
# Per table: which of its rows count, and the columns that a sum is made of.
SOURCES = {
    "appointments": ("{row}status = 'completed'", ("customer_id", "status", "starts_at")),
    "payments": ("1 = 1", ("customer_id", "amount", "refunded_amount", "paid_at")),
}

_MISSING = """
INSERT INTO visit_summaries (customer_id, shop_id, visit_count, spent, payment_count)
SELECT id, shop_id, 0, 0, 0 FROM customers
WHERE {these} AND NOT EXISTS (SELECT 1 FROM visit_summaries WHERE customer_id = customers.id)
"""
_SUMS = """
UPDATE visit_summaries SET
    shop_id = (SELECT shop_id FROM customers WHERE id = visit_summaries.customer_id),
    (visit_count, first_visit_at, last_visit_at) = (
        SELECT count(*), min(starts_at), max(starts_at) FROM appointments
        WHERE customer_id = visit_summaries.customer_id AND status = 'completed'),
    (spent, payment_count, last_paid_at) = (
        SELECT coalesce(sum(amount) - sum(refunded_amount), 0),
            count(CASE WHEN amount > refunded_amount THEN 1 END), max(paid_at) FROM payments
        WHERE customer_id = visit_summaries.customer_id)
WHERE {these}
"""


class KeepVisitSummaries(Operation):
    """In a migration: from here on the summaries follow appointments and payments by themselves.

    Those of the rows that are there are made. On SQLite a later change of these tables makes them
    anew, without their triggers: that migration has to end with this operation again.
    """

    reversible = True
    reduces_to_sql = False

    def state_forwards(self, app_label, state):
        """Triggers are no part of the models."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        _take_off(schema_editor)
        for statement in _statements(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)
        _rebuild(schema_editor.connection.alias)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        _take_off(schema_editor)

    def describe(self):
        return "Keep the summaries of visits and payments"


def trigger_names(table: str) -> list[str]:
    return [f"{table}_sum_up_{verb.lower()}" for verb in VERBS]


def rebuild(*, using: str = "default") -> int:
    """Make every summary anew from the rows; returns how many there are.

    Never needed while the triggers stand: after rows were written with triggers off, as by a
    restore of data alone.
    """
    with transaction.atomic(using=using):
        return _rebuild(using)


def hold(people: Iterable[int], *, using: str = "default") -> None:
    """Let nobody else sum up these customers (ids) until this transaction ends.

    For who writes about many of them in several statements: asked first, in one order, nobody waits
    in a ring. SQLite has one writer anyway.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {HOLD}(%s::bigint[])", [sorted(set(people))])


def _rebuild(using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(_MISSING.format(these="1 = 1"))
        cursor.execute(_SUMS.format(these="1 = 1"))
        return cursor.rowcount


def _take_off(schema_editor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for table in SOURCES:
        for name in trigger_names(table):
            on = "" if is_sqlite else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {FUNCTION}_of_{table}()", params=None)
    if not is_sqlite:
        for name in (FUNCTION, HOLD):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}(bigint[])", params=None)


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            statement
            for table, (counts, columns) in SOURCES.items()
            for statement in _sqlite(table, counts, columns)
        ]
    return [_POSTGRESQL_HOLD, _POSTGRESQL_FUNCTION] + [
        statement
        for table, (counts, columns) in SOURCES.items()
        for statement in _postgresql(table, counts, columns)
    ]


def _sqlite(table: str, counts: str, columns: tuple[str, ...]) -> list[str]:
    turned = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    when = {
        "INSERT": counts.format(row="NEW."),
        "UPDATE": turned,
        "DELETE": counts.format(row="OLD."),
    }
    about = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}
    return [
        f"CREATE TRIGGER {name} AFTER {verb} ON {table} FOR EACH ROW WHEN {when[verb]} BEGIN "
        + " ".join(_sqlite_sums(row) for row in about[verb])
        + " END"
        for name, verb in zip(trigger_names(table), VERBS, strict=True)
    ]


def _sqlite_sums(row: str) -> str:
    customer = f"{row}.customer_id"
    missing = _MISSING.format(these=f"id = {customer}")
    return f"{missing}; {_SUMS.format(these=f'customer_id = {customer}')};"


# The order of the locks is that of the customers, so that two statements never wait in a ring.
_POSTGRESQL_HOLD = f"""
CREATE OR REPLACE FUNCTION {HOLD}(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {_MISSING.format(these="id = ANY (people)")} ORDER BY id ON CONFLICT DO NOTHING;
    PERFORM FROM visit_summaries WHERE customer_id = ANY (people)
        ORDER BY customer_id FOR NO KEY UPDATE;
END $$
"""
# What is summed is looked at after the locks are held: by then all others have committed.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {HOLD}(people);
    {_SUMS.format(these="customer_id = ANY (people)")};
END $$
"""


_POSTGRESQL_TRIGGER = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        people := ARRAY(SELECT DISTINCT customer_id FROM new_rows WHERE {counting});
    ELSIF TG_OP = 'DELETE' THEN
        people := ARRAY(SELECT DISTINCT customer_id FROM old_rows WHERE {counting});
    ELSE
        people := ARRAY(
            SELECT customer_id FROM (
                (SELECT id, {names} FROM old_rows EXCEPT SELECT id, {names} FROM new_rows)
                UNION
                (SELECT id, {names} FROM new_rows EXCEPT SELECT id, {names} FROM old_rows)
            ) AS turned);
    END IF;
    IF cardinality(people) > 0 THEN
        PERFORM {sums}(people);
    END IF;
    RETURN NULL;
END $$
"""


def _postgresql(table: str, counts: str, columns: tuple[str, ...]) -> list[str]:
    function = f"{FUNCTION}_of_{table}"
    written = _POSTGRESQL_TRIGGER.format(
        function=function,
        counting=counts.format(row=""),
        names=", ".join(columns),
        sums=FUNCTION,
    )
    return [
        written,
        *(
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} REFERENCING {_rows_of(verb)} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            for name, verb in zip(trigger_names(table), VERBS, strict=True)
        ),
    ]


def _rows_of(verb: str) -> str:
    old, new = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
    return {"INSERT": new, "DELETE": old, "UPDATE": f"{old} {new}"}[verb]
