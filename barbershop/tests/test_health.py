import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client

from barbershop import health

WELL = {"database": "ok", "migrations": "ok", "broker": "ok"}


@pytest.fixture
def dead_database(monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("no route")

    monkeypatch.setattr(connection, "cursor", fail)


@pytest.mark.parametrize("path", ["/livez", "/livez/"])
def test_process_that_answers_is_alive_without_any_database(path):
    client = Client()
    client.cookies["sessionid"] = "x" * 32  # a session would be read from the database

    answer = client.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_process_with_everything_is_ready(path):
    answer = Client().get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": WELL})


@pytest.mark.django_db
def test_process_without_its_database_is_not_ready(dead_database):
    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "does not answer"


@pytest.mark.django_db
def test_process_with_missing_migrations_is_not_ready():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'analytics'")

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"].endswith("not applied; run migrate")


@pytest.mark.django_db
def test_process_without_its_broker_is_not_ready(monkeypatch, settings):
    from barbershop.celery import app

    def unreachable(**kwargs):
        return type(app)(broker="redis://127.0.0.1:9/0").connection_for_write(**kwargs)

    monkeypatch.setattr(health.app, "connection_for_write", unreachable)
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}

    assert health.state() == {**WELL, "broker": "does not answer"}


@pytest.mark.django_db
def test_folder_that_is_gone_is_no_broker(settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}

    assert health.state()["broker"] == "folder cannot be written"


@pytest.mark.django_db
@pytest.mark.services
def test_redis_answers_as_broker():
    assert health.state() == WELL


@pytest.mark.django_db
def test_command_exits_with_zero_when_well(capsys):
    call_command("healthcheck")

    assert capsys.readouterr().out.splitlines() == ["database: ok", "migrations: ok", "broker: ok"]


@pytest.mark.django_db
def test_command_fails_when_not(dead_database):
    with pytest.raises(CommandError, match="Not ready"):
        call_command("healthcheck")
