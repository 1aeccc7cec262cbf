"""Celery, for a worker that may be there or not: without one, tasks wait in Redis."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready

ALIVE = Path("/tmp/celery-alive")  # noqa: S108  # the folder that a read-only container can write to

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "story.settings")
app = Celery("story")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
@heartbeat_sent.connect
def show_life(**_: Any) -> None:
    """Touch the file whose age the health check looks at: every two seconds, while the worker talks to Redis."""
    ALIVE.touch()
