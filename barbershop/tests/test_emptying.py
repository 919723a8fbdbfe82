import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from barbershop.models import AuditEntry
from barbershop.tests import emptying, rows
from barbershop.tests.factories import ShopFactory
from barbershop.tests.test_evidence_guard import EVIDENCE

pytestmark = pytest.mark.django_db(transaction=True)


def filled() -> list[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names()
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in sorted(tables)
            )
        )
        return [name for (name,) in cursor.fetchall()]


def test_every_table_but_those_made_with_the_database_is_emptied():
    for model in EVIDENCE:
        rows.make(model, shop=ShopFactory())
    permissions = Permission.objects.count()
    assert {model._meta.db_table for model in EVIDENCE} < set(filled())

    emptying.empty(emptying.emptied_tables())

    assert filled() == ["auth_permission", "django_content_type"]
    assert Permission.objects.count() == permissions > 200


def test_evidence_is_guarded_again_once_it_was_emptied():
    rows.make(AuditEntry, shop=ShopFactory())

    emptying.empty(emptying.emptied_tables())

    assert not AuditEntry.objects.exists()
    rows.make(AuditEntry, shop=ShopFactory())
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM audit_entries")


def test_copied_database_lacks_no_migration():
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
