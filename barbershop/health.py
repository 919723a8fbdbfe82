"""Is everything there that the product needs: its database, its tables, its broker."""

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from barbershop.celery import app

BROKER_TIMEOUT = 2  # seconds


def state() -> dict[str, str]:
    """``{"database": "ok", "migrations": "ok", "broker": "ok"}``, or what is wrong with each."""
    database = _database()
    migrations = _migrations() if database == "ok" else "unknown"
    return {"database": database, "migrations": migrations, "broker": _broker()}


def is_well(found: dict[str, str]) -> bool:
    return set(found.values()) == {"ok"}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied; run migrate" if missing else "ok"


def _broker() -> str:
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out")
    if folder:
        return "ok" if os.access(folder, os.W_OK) else "folder cannot be written"
    try:
        with app.connection_for_write(connect_timeout=BROKER_TIMEOUT) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT)
    except (OperationalError, OSError):
        return "does not answer"
    return "ok"
