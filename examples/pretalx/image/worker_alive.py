"""Exit status 0 when the Celery worker of this container answers. It asks through the broker alone: Django would take seconds to load."""

import socket
import sys
from pathlib import Path

from celery import Celery

app = Celery(broker=Path("/run/secrets/PRETALX_CELERY_BROKER").read_text())
worker = f"celery@{socket.gethostname()}"
sys.exit(0 if app.control.ping(destination=[worker], timeout=3, limit=1) else 1)
