"""``IN`` for long lists: one parameter instead of one for every value."""

import json

from django.db.models import F, Lookup


class AnyOf(Lookup):
    """``filter(AnyOf("customer", ids))`` is ``filter(customer__in=ids)`` for thousands of ids.

    With ``__in`` each value is a placeholder that Django and the driver look at singly: of 2,000
    that takes longer than the query. The values are ids or texts, in their stored form.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def __init__(self, path: str, values: list[int | str]):
        super().__init__(F(path), values)

    def as_sql(self, compiler, connection):
        raise NotImplementedError(f"There is no AnyOf for {connection.vendor} yet.")

    def as_postgresql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        # Of the column's own type, else the database compares every row with every value.
        kind = self.lhs.output_field.db_type(connection)
        if kind.startswith("varchar"):
            kind = "text"  # a cast to the column's length would cut values, and find the rest
        return f"{column} = ANY(%s::{kind}[])", [*params, self.rhs]

    def as_sqlite(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        values = json.dumps(self.rhs)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, values]  # noqa: S608 - a column
