"""The baseline: a Django project as most people would write it, one Celery task per message."""
