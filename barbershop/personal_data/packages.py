"""Tables of installed packages: sign-in, sessions, the clock and admin's own log."""

from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q
from django_celery_beat import models as beat

from barbershop import personal_data
from barbershop.personal_data.person import Person, quoting


def register() -> None:
    _sign_in()
    _clock()
    personal_data.declare(
        LogEntry,
        title="Changes in admin",
        is_trace=True,
        rows=_log_entries,
        emptied={"object_repr": personal_data.GONE, "change_message": ""},
        key="id content_type object_id",
        staff="user",
        fact="action_time action_flag",
    )


def _log_entries(person: Person):
    app, _, model = person.object_type.partition(".")
    one = Q(content_type__app_label=app, content_type__model=model)
    him = Q(object_id=str(person.customer_id))
    quoted = quoting(
        LogEntry.objects.exclude(one & ~him), "object_repr", "change_message", person=person
    )
    return LogEntry.objects.filter(one & him | Q(pk__in=quoted.order_by().values("pk")))


def _sign_in() -> None:
    """Who signs in here works here; a session holds an id and nobody's customers."""
    tried = "user_agent ip_address username http_accept path_info"
    personal_data.declare(
        AccessAttempt,
        key="id",
        staff=f"{tried} get_data post_data",
        machine="attempt_time failures_since_start",
    )
    personal_data.declare(AccessAttemptExpiration, key="access_attempt", machine="expires_at")
    personal_data.declare(
        AccessFailureLog, key="id", staff=tried, machine="attempt_time locked_out"
    )
    personal_data.declare(
        AccessLog,
        key="id",
        staff=tried,
        machine="attempt_time logout_time",
        digest="session_hash",
    )
    personal_data.declare(Session, key="session_key", staff="session_data", machine="expire_date")
    personal_data.declare(Group, key="id", staff="name")
    personal_data.declare(Group.permissions.through, key="id group permission")
    personal_data.declare(Permission, key="id content_type", machine="name codename")
    personal_data.declare(ContentType, key="id", machine="app_label model")


def _clock() -> None:
    """Jobs carry no values of anybody."""
    for model in (
        beat.SolarSchedule,
        beat.IntervalSchedule,
        beat.ClockedSchedule,
        beat.CrontabSchedule,
        beat.PeriodicTasks,
        beat.PeriodicTask,
    ):
        names = " ".join(f.name for f in model._meta.concrete_fields if not f.primary_key)
        personal_data.declare(model, key=model._meta.pk.name, machine=names)
