"""Writing many rows at once, without an instance or a piece of SQL for each.

``bulk_create`` compiles every value of every row into its statement: on a wide table that costs
far more than the writing. Here PostgreSQL takes the rows by ``COPY``, SQLite by one prepared
statement.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

PER_STATEMENT = 1_000  # where there is no COPY: what is held in memory at once


def bulk_insert(
    model: type[Model],
    *,
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    same: Mapping[str, Any] | None = None,
) -> int:
    """Insert rows as ``bulk_create`` would: columns, defaults and stored form are the model's.

    All rows are written or none. A row that breaks a constraint is an error, never passed over:
    ask first, under a lock, who is missing.

    Args:
        fields: the fields that differ from row to row. The value of a foreign key is the id.
        rows: a value per field, in the same order. Read once, so it may be a generator, of a kind
            that does not use the database: the connection is busy.
        same: fields that have one value in all rows.

    Returns:
        How many rows were written.

    Raises:
        django.core.exceptions.FieldDoesNotExist: for a name that the model does not have.
        django.db.DatabaseError: its kinds, as with any other insert.
    """
    connection = connections[router.db_for_write(model)]
    given = [model._meta.get_field(name) for name in fields]
    shared = {model._meta.get_field(name): value for name, value in (same or {}).items()}
    made = {}
    for field, value in _defaults(model, without=[*given, *shared]):
        (made if callable(value) else shared)[field] = value
    columns = [*given, *made, *shared]
    prepared = _prepared(
        rows,
        prepare=[_Stored(field, connection) for field in given],
        make=[
            partial(_made, field, make=make, connection=connection) for field, make in made.items()
        ],
        shared=[field.get_db_prep_save(value, connection) for field, value in shared.items()],
    )
    names = ", ".join(connection.ops.quote_name(field.column) for field in columns)
    into = f"{connection.ops.quote_name(model._meta.db_table)} ({names})"
    write = _copy if connection.vendor == "postgresql" else _insert
    with transaction.atomic(using=connection.alias, savepoint=False):
        return write(connection, into, prepared, width=len(columns))


def _defaults(model: type[Model], *, without: Sequence[Field]) -> Iterator[tuple[Field, Any]]:
    """The fields that nobody gave, with their value, or with what makes one for every row.

    What the database fills in by itself is left to it: ids, nulls, its own defaults.
    """
    blank = model()
    for field in model._meta.local_concrete_fields:
        if field in without or field.primary_key or field.generated:
            continue
        if field.has_default() and callable(field.default):
            yield field, field.default
            continue
        value = field.pre_save(blank, add=True)  # auto_now_add is set here
        if value is not None and not isinstance(value, DatabaseDefault):
            yield field, value


class _Stored:
    """A field's values in their stored form; one that comes again and again is prepared once."""

    def __init__(self, field: Field, connection):
        self._prepare = partial(field.get_db_prep_save, connection=connection)
        self._last = self._last_stored = None

    def __call__(self, value):
        if value is not self._last:
            self._last, self._last_stored = value, self._prepare(value)
        return self._last_stored


def _made(field: Field, *, make: Callable[[], Any], connection):
    return field.get_db_prep_save(make(), connection)


def _prepared(rows, *, prepare, make, shared) -> Iterator[tuple]:
    width = len(prepare)
    for row in rows:
        if len(row) != width:
            raise ValueError(f"A row has {len(row)} values for {width} fields.")
        yield (
            *[stored(value) for stored, value in zip(prepare, row, strict=False)],
            *[one() for one in make],
            *shared,
        )


def _copy(connection, into: str, rows: Iterable[tuple], *, width: int) -> int:
    connection.validate_no_broken_transaction()
    # Django's cursor does not know this way of writing, so its errors are translated here.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def _insert(connection, into: str, rows: Iterable[tuple], *, width: int) -> int:
    statement = f"INSERT INTO {into} VALUES ({', '.join(['%s'] * width)})"  # noqa: S608 - names
    rows, written = iter(rows), 0
    with connection.cursor() as cursor:
        while batch := list(islice(rows, PER_STATEMENT)):
            cursor.executemany(statement, batch)
            written += len(batch)
    return written
