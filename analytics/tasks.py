"""Beats of this floor."""

from celery import shared_task

from analytics.seed import life


@shared_task(expires=20)
def live() -> int:
    """The demonstration's customers react; nothing outside the demonstration."""
    return life.live()
