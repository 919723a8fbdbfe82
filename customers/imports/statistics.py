"""What the database's planner knows about tables that grow while a file is read.

A planner that believes the tables to be empty, or knows nothing of them, picks the index on the
shop alone and reads the whole shop for each chunk: seen on SQLite and on PostgreSQL, whose own
upkeep comes once a minute.
"""

from django.db import connection

from customers.models import ConsentChain, ContactConsent, Customer, CustomerTag

GROWING = (Customer, CustomerTag, ConsentChain, ContactConsent)


def refresh() -> None:
    with connection.cursor() as cursor:
        for model in GROWING:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
