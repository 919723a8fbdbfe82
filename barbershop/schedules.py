"""What the clock does. Apps register their jobs in ``AppConfig.ready()``.

The rows of django-celery-beat are the truth at run time: ``manage.py sync_schedules`` creates those
that are missing and never touches one that exists, so that an operator's change stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_FIELDS = frozenset({"minute", "hour", "day_of_week", "day_of_month", "month_of_year"})


@dataclass(frozen=True)
class Job:
    """A task by its name, every so many seconds or at crontab fields (UTC)."""

    name: str
    task: str
    every_seconds: int | None = None
    crontab: Mapping[str, str] = field(default_factory=dict)


_jobs: dict[str, Job] = {}


def register(
    name: str,
    task: str,
    every_seconds: int | None = None,
    crontab: Mapping[str, str] | None = None,
) -> Job:
    """Name a job of the clock. Registering the same job again changes nothing."""
    if (every_seconds is None) == (crontab is None):
        raise ValueError(f"{name}: give every_seconds or crontab, one of the two.")
    if every_seconds is not None and every_seconds < 1:
        raise ValueError(f"{name}: every_seconds must be at least 1.")
    if crontab is not None and set(crontab) - _FIELDS:
        raise ValueError(f"{name}: crontab knows {', '.join(sorted(_FIELDS))}.")
    job = Job(name, task, every_seconds, dict(crontab or {}))
    if _jobs.setdefault(name, job) != job:
        raise ValueError(f"{name} is registered already, for {_jobs[name].task}.")
    return job


def jobs() -> list[Job]:
    return [_jobs[name] for name in sorted(_jobs)]


def create_missing() -> list[str]:
    """Create the periodic tasks that are not there yet; the names of those created."""
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

    created = []
    for job in jobs():
        if PeriodicTask.objects.filter(name=job.name).exists():
            continue
        if job.every_seconds is not None:
            when = {
                "interval": IntervalSchedule.objects.get_or_create(
                    every=job.every_seconds, period=IntervalSchedule.SECONDS
                )[0]
            }
        else:
            fields = {**dict.fromkeys(_FIELDS, "*"), "minute": "0", **job.crontab}
            when = {"crontab": CrontabSchedule.objects.get_or_create(timezone="UTC", **fields)[0]}
        PeriodicTask.objects.create(name=job.name, task=job.task, **when)
        created.append(job.name)
    return created
