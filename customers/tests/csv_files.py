"""What tests of CSV imports share."""

import datetime as dt
import io

from customers import imports

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def run(shop, text, **options):
    file = io.BytesIO(text.encode())
    return imports.run(shop=shop, file=file, filename="c.csv", now=NOW, **options)


def counts(done):
    done.refresh_from_db()
    return (done.rows, done.created, done.updated, done.unchanged, done.rejected)


def errors(done):
    return list(done.errors.values_list("line", "column", "message"))
