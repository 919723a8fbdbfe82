import json

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from barbershop import schedules
from barbershop.celery import app


@pytest.fixture
def empty(monkeypatch):
    monkeypatch.setattr(schedules, "_jobs", {})


@pytest.mark.django_db
def test_missing_jobs_are_created_once(empty):
    schedules.register("Sweep", "communications.tasks.sweep", every_seconds=60)
    schedules.register("Forget", "barbershop.tasks.forget_old_keys", crontab={"hour": "3"})

    assert schedules.create_missing() == ["Forget", "Sweep"]
    assert schedules.create_missing() == []
    sweep, forget = PeriodicTask.objects.get(name="Sweep"), PeriodicTask.objects.get(name="Forget")
    assert (sweep.task, sweep.interval.every) == ("communications.tasks.sweep", 60)
    assert (forget.crontab.hour, forget.crontab.minute, forget.crontab.day_of_week) == (
        "3",
        "0",
        "*",
    )
    assert str(forget.crontab.timezone) == "UTC"


@pytest.mark.django_db
def test_what_an_operator_changed_stays(empty):
    schedules.register("Sweep", "communications.tasks.sweep", every_seconds=60)
    schedules.create_missing()
    PeriodicTask.objects.filter(name="Sweep").update(enabled=False, args=json.dumps([1]))

    schedules.create_missing()

    sweep = PeriodicTask.objects.get(name="Sweep")
    assert (sweep.enabled, sweep.args) == (False, "[1]")


def test_same_job_may_be_registered_twice_but_not_two_under_one_name(empty):
    schedules.register("Sweep", "a.tasks.sweep", 60)
    schedules.register("Sweep", "a.tasks.sweep", 60)

    with pytest.raises(ValueError, match="Sweep is registered already"):
        schedules.register("Sweep", "b.tasks.sweep", 60)
    assert len(schedules.jobs()) == 1


@pytest.mark.parametrize(
    "when",
    [{}, {"every_seconds": 0}, {"every_seconds": 1, "crontab": {}}, {"crontab": {"minutes": "1"}}],
)
def test_job_without_a_sensible_time_is_refused(empty, when):
    with pytest.raises(ValueError, match="Sweep"):
        schedules.register("Sweep", "a.tasks.sweep", **when)


def test_every_registered_job_names_a_task_that_exists():
    app.loader.import_default_modules()

    assert schedules.jobs()
    assert [job.task for job in schedules.jobs() if job.task not in app.tasks] == []


@pytest.mark.django_db
def test_command_says_what_it_created(capsys):
    call_command("sync_schedules")
    first = capsys.readouterr().out
    call_command("sync_schedules")
    second = capsys.readouterr().out

    total = len(schedules.jobs())
    assert first.splitlines()[-1] == f"{total} created, 0 kept."
    assert second.splitlines() == [f"0 created, {total} kept."]
