"""How gunicorn runs the backend in production. It writes one JSON object a line, and so does Python's logging everywhere else in it."""

import json
import logging
import os

wsgi_app = "cirame:create_app()"
bind = f"{os.environ['FLASK_HOST']}:5100"
worker_class = "gthread"
threads = 4
keepalive = 5
timeout = 300
worker_tmp_dir = "/tmp"  # noqa: S108  # in memory, and of this container alone
control_socket_disable = True


class Line(logging.Formatter):
    """A record as a JSON object; one of a request by its parts."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        said = {"time": self.formatTime(record), "level": record.levelname}
        if record.name == "gunicorn.access" and isinstance(record.args, dict):
            asked = record.args
            return json.dumps(said | {"method": asked["m"], "path": asked["U"], "status": int(asked["s"]), "seconds": float(asked["L"])})
        problem = {"problem": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(said | {"text": record.getMessage()} | problem)


logconfig_dict = {
    "formatters": {"generic": {"()": Line}},
    "loggers": {name: {"level": "INFO", "handlers": ["console"], "propagate": False} for name in ("gunicorn.error", "gunicorn.access")},
}
