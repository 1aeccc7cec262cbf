"""The backend's project: settings, addresses, and Celery."""

from story.celery import app as celery_app

__all__ = ["celery_app"]
