"""WildID: tells which animal a picture shows, and remembers it for those who signed in by a link in a mail."""

import logging
import os

from cachelib.file import FileSystemCache
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from flask_session import Session

from wildid import database, identify, login, pages

__version__ = "1.0.0"


def create_app() -> Flask:
    """Make the application; everything it needs to know stands in its environment."""
    if path := os.environ.get("LOG_FILE"):
        logging.basicConfig(handlers=[logging.StreamHandler(), logging.FileHandler(path, delay=True)])
    app = Flask(__name__)
    secure = os.environ["SITE_URL"].startswith("https:")
    app.config |= {
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "SESSION_TYPE": "cachelib",
        "SESSION_CACHELIB": FileSystemCache("/app/flask_session", threshold=0),
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
    }
    Session(app)
    for part in (pages, login, identify):
        app.register_blueprint(part.routes)
    app.add_url_rule("/health", view_func=health)
    app.cli.command("migrate")(database.migrate)
    return app


def health() -> ResponseReturnValue:
    """Answer 200 while the database does."""
    with database.connection() as connection:
        connection.execute("SELECT 1")
    return jsonify(status="healthy", version=__version__)
