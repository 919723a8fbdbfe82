"""C-02: evidence refuses UPDATE and DELETE by the ORM, in bulk and by SQL."""

import importlib
import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from barbershop import evidence_guard
from barbershop.models import AppendOnly, AppendOnlyError, AuditEntry
from barbershop.tests import rows
from barbershop.tests.factories import ShopFactory
from barbershop.tests.tampering import unguarded

pytestmark = pytest.mark.django_db

EVIDENCE = [model for model in apps.get_models() if issubclass(model, AppendOnly)]


@pytest.fixture
def row(request):
    return rows.make(request.param, shop=ShopFactory())


def plain(row) -> QuerySet:
    """The rows without our queryset's refusals."""
    return QuerySet(type(row)).filter(pk=row.pk)


def by_sql(statement: str):
    def attempt(row):
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=type(row)._meta.db_table), [row.pk])

    return attempt


ORM = {
    "save": lambda row: row.save(),
    "delete": lambda row: row.delete(),
    "update of many": lambda row: type(row).objects.update(shop=row.shop),
    "delete of many": lambda row: type(row).objects.all().delete(),
    "bulk update": lambda row: type(row).objects.bulk_update([row], ["shop"]),
    "upsert": lambda row: type(row).objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["pk"], update_fields=["shop"]
    ),
}
DATABASE = {
    "plain update": lambda row: plain(row).update(shop=row.shop),
    "plain delete": lambda row: plain(row)._raw_delete("default"),
    "forced save": lambda row: super(AppendOnly, row).save(force_update=True),
    "UPDATE": by_sql("UPDATE {table} SET shop_id = shop_id WHERE id = %s"),
    "DELETE": by_sql("DELETE FROM {table} WHERE id = %s"),
}


def test_what_is_evidence_is_known():
    names = {model.__name__ for model in EVIDENCE}

    assert names >= {
        "AuditEntry",
        "ContactConsent",
        "Suppression",
        "SuppressionLift",
        "AttemptDeparture",
    }


@pytest.mark.parametrize("row", EVIDENCE, indirect=True, ids=lambda model: model.__name__)
@pytest.mark.parametrize("attempt", ORM.values(), ids=ORM.keys())
def test_orm_refuses_to_change_evidence(row, attempt):
    with pytest.raises(AppendOnlyError):
        attempt(row)


@pytest.mark.parametrize("row", EVIDENCE, indirect=True, ids=lambda model: model.__name__)
@pytest.mark.parametrize("attempt", DATABASE.values(), ids=DATABASE.keys())
def test_database_refuses_to_change_evidence(row, attempt):
    """When a table was made anew on SQLite: end that migration with ``GuardEvidence``."""
    before = list(plain(row).values())

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attempt(row)

    assert list(plain(row).values()) == before


def test_rows_that_are_no_evidence_can_still_be_changed():
    shop = rows.make(AuditEntry, shop=ShopFactory(name="Before")).shop

    type(shop).objects.filter(pk=shop.pk).update(name="After")

    shop.refresh_from_db()
    assert shop.name == "After"


def test_guard_can_be_taken_off_by_the_owner_of_the_database_only_on_purpose():
    row = rows.make(AuditEntry, shop=ShopFactory())

    with unguarded("audit_entries"):
        by_sql("UPDATE {table} SET action = 'other' WHERE id = %s")(row)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_sql("UPDATE {table} SET action = 'third' WHERE id = %s")(row)

    row.refresh_from_db()
    assert row.action == "other"


@pytest.mark.django_db(transaction=True)
def test_whole_database_can_be_emptied_and_is_guarded_again():
    rows.make(AuditEntry, shop=ShopFactory())

    call_command("flush", interactive=False, verbosity=0, stdout=io.StringIO())

    assert not AuditEntry.objects.exists()
    row = rows.make(AuditEntry, shop=ShopFactory())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_sql("DELETE FROM {table} WHERE id = %s")(row)


@pytest.mark.django_db(transaction=True)
def test_guard_of_a_migration_can_be_taken_back_and_put_up_again():
    name = "barbershop.migrations.0003_audit_refuses_changes"
    (operation,) = importlib.import_module(name).Migration.operations
    row = rows.make(AuditEntry, shop=ShopFactory())

    with connection.schema_editor() as editor:
        operation.database_backwards("barbershop", editor, None, None)
    by_sql("UPDATE {table} SET shop_id = shop_id WHERE id = %s")(row)
    with connection.schema_editor() as editor:
        operation.database_forwards("barbershop", editor, None, None)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_sql("UPDATE {table} SET shop_id = shop_id WHERE id = %s")(row)
    assert evidence_guard.trigger_names("audit_entries") == [
        "audit_entries_refuses_update",
        "audit_entries_refuses_delete",
    ]
