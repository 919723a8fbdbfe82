"""Beats of this floor."""

from celery import shared_task

from analytics import alerts
from analytics.seed import life


@shared_task(expires=20)
def live() -> int:
    """The demonstration's customers react; nothing outside the demonstration."""
    return life.live()


@shared_task(expires=55)
def watch() -> int:
    """Open an alert for what a person should know, and resolve what is over."""
    return alerts.watch()
