"""CiRA ME: sensor recordings come in as CSV, a model is trained on them, and it predicts."""

import os
import socket

from flask import Flask, Response, jsonify
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from cirame import data, database, features, health, training


def create_app() -> Flask:
    """Make the application; everything it needs to know stands in its environment."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 100 * 1024**2
    CORS(app, origins=os.environ["CORS_ORIGINS"].split(","))
    for part in (health, data, features, training):
        app.register_blueprint(part.routes, url_prefix="/api")
    app.cli.command("init-db")(database.create)
    app.teardown_appcontext(database.close)
    app.register_error_handler(HTTPException, _as_json)
    app.after_request(_name_the_replica)
    return app


def _as_json(problem: HTTPException) -> tuple[Response, int]:
    return jsonify(error=problem.description), problem.code or 500


def _name_the_replica(answer: Response) -> Response:
    answer.headers["X-Served-By"] = socket.gethostname()
    return answer
