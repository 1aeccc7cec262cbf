"""Whether this replica is well: it reaches its database and may write where it has to."""

import os
import sys

from flask import Blueprint, Response, jsonify

from cirame import database

routes = Blueprint("health", __name__)
FOLDERS = ("/app/data", "/app/models", "/app/datasets")


@routes.get("/health")
def health() -> tuple[Response, int]:
    """Answer 200 when all is well, else 503 and what is not."""
    mode = database.current().execute("PRAGMA journal_mode").fetchone()[0]
    closed = [folder for folder in FOLDERS if not os.access(folder, os.W_OK)]
    return jsonify(status="unhealthy" if closed else "healthy", journal_mode=mode, not_writable=closed, optimize=sys.flags.optimize), 503 if closed else 200
