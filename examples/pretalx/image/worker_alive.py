"""Exit status 0 when the Celery worker of this container answers. It asks through the broker alone: Django would take seconds to load."""

import os
import socket
import sys

from celery import Celery

app = Celery(broker=os.environ["PRETALX_CELERY_BROKER"])
worker = f"celery@{socket.gethostname()}"
sys.exit(0 if app.control.ping(destination=[worker], timeout=3, limit=1) else 1)
