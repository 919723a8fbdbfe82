"""What staff wrote beside a suppression goes with an erasure, and changes in no other way."""

import importlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from barbershop.models import AppendOnlyError
from barbershop.tests.factories import UserFactory
from communications import suppressions
from communications.models import Suppression, SuppressionLift
from customers import erasure, export
from customers.tests.factories import CustomerFactory

NOTES = {Suppression: "note", SuppressionLift: "reason"}
WORDS = "Sam Adams of 12 Elm Street called, 212 555 0123"


@pytest.fixture
def person(db):
    return suppressed(CustomerFactory(first_name="Sam", last_name="Adams"))


def suppressed(person):
    made, _ = suppressions.add_by_hand(
        shop=person.shop,
        channel="email",
        address_hmac=person.email_hmac,
        note=WORDS,
        by=UserFactory(),
    )
    suppressions.lift(made, reason=WORDS, by=UserFactory())
    return person


def sql(model, assignment: str, *values, where: str = "1 = 1") -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {assignment} WHERE {where}", values)


def notes(model) -> list[str]:
    return list(model.objects.order_by("pk").values_list(NOTES[model], flat=True))


def test_erasure_empties_the_notes_of_this_person_and_keeps_the_rest(person):
    suppressed(CustomerFactory(shop=person.shop))  # somebody else
    before = Suppression.objects.order_by("pk").values_list("cause", "address_hmac", "created_at")
    before = list(before)

    erased = erasure.erase(person, reason="asked")
    again = erasure.sweep(now=timezone.now())

    assert notes(Suppression) == ["", WORDS, "", ""]  # the last two are the erasure's own
    assert notes(SuppressionLift) == ["", WORDS]
    assert erased.rows["communications.suppression"] == 1
    assert erased.rows["communications.suppressionlift"] == 1
    kept = Suppression.objects.order_by("pk").values_list("cause", "address_hmac", "created_at")
    assert list(kept)[:2] == before
    assert again == 1


def test_export_shows_the_notes_until_then(person):
    assert "".join(export.as_json(person)).count(WORDS) == 2


@pytest.mark.parametrize("model", NOTES, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    ("assignment", "values"),
    [
        ("{note} = %s", ("other words",)),
        ("{note} = %s", (" ",)),
        ("{note} = {note} || %s", ("!",)),
        ("{note} = '', shop_id = shop_id + 1", ()),
        ("{note} = '', id = id + 1000", ()),
        ("{note} = {note}", ()),
        ("shop_id = shop_id", ()),
        ("{time} = NULL, {note} = ''", ()),
    ],
)
def test_database_refuses_every_other_change_of_a_note(person, model, assignment, values):
    names = {"note": NOTES[model], "time": "created_at" if model is Suppression else "lifted_at"}
    before = list(model.objects.values())

    with pytest.raises(DatabaseError, match="append-only"):
        sql(model, assignment.format(**names), *values)

    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", NOTES, ids=lambda model: model.__name__)
def test_database_lets_a_note_be_emptied_and_never_filled_again(person, model):
    name = NOTES[model]

    sql(model, f"{name} = ''")

    assert notes(model) == [""]
    for assignment in (f"{name} = 'words'", f"{name} = ''"):
        with pytest.raises(DatabaseError, match="append-only"):
            sql(model, assignment)


@pytest.mark.parametrize("model", NOTES, ids=lambda model: model.__name__)
@pytest.mark.parametrize("changes", ["nothing", "another column", "other words", "both"])
def test_orm_empties_notes_and_nothing_else(person, model, changes):
    name = NOTES[model]
    given = {
        "nothing": {},
        "another column": {"shop": person.shop},
        "other words": {name: "other words"},
        "both": {name: "", "shop": person.shop},
    }

    with pytest.raises(AppendOnlyError):
        model.objects.update(**given[changes])

    assert notes(model) == [WORDS]
    assert (model.objects.update(**{name: ""}), model.objects.update(**{name: ""})) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_migration_that_lets_notes_be_emptied_can_be_taken_back_and_applied_again(person):
    name = "communications.migrations.0008_suppression_notes_can_be_emptied"
    operation, _ = importlib.import_module(name).Migration.operations
    state = MigrationLoader(connection).project_state()

    with connection.schema_editor() as editor:
        operation.database_backwards("communications", editor, state, state)
    with pytest.raises(DatabaseError, match="append-only"):
        sql(Suppression, "note = ''")
    with connection.schema_editor() as editor:
        operation.database_forwards("communications", editor, state, state)

    sql(Suppression, "note = ''")
    assert notes(Suppression) == [""]
