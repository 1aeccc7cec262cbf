"""/api/data: the datasets, each a CSV of numbers whose last column is the class."""

import re
import sqlite3
from pathlib import Path

import numpy as np
from flask import Blueprint, Response, abort, jsonify, request, send_file

from cirame import database

routes = Blueprint("data", __name__)
FOLDER = Path("/app/datasets")


def read(name: str) -> np.ndarray:
    """The numbers of a dataset; 404 when there is none of that name."""
    known = database.current().execute("SELECT 1 FROM datasets WHERE name = ?", (name,)).fetchone()
    if not known:
        abort(404, f"there is no dataset {name}")
    return np.loadtxt(FOLDER / f"{name}.csv", delimiter=",", skiprows=1, ndmin=2)


@routes.get("/data/sources")
def sources() -> Response:
    """List the datasets."""
    rows = database.current().execute("SELECT name, rows, bytes, created FROM datasets ORDER BY name").fetchall()
    return jsonify([dict(row) for row in rows])


@routes.put("/data/<name>")
def upload(name: str) -> tuple[Response, int]:
    """Take in the body as a dataset. The name is claimed first, so that of two who send the same one, one gets 409."""
    if not re.fullmatch(r"[a-z0-9-]{1,60}", name):
        abort(400, "a dataset's name has letters, digits and hyphens")
    content = request.get_data(cache=False)
    lines = content.count(b"\n")
    try:
        with database.writing() as connection:
            connection.execute("INSERT INTO datasets (name, rows, bytes) VALUES (?, ?, ?)", (name, max(0, lines - 1), len(content)))
            (FOLDER / f"{name}.csv").write_bytes(content)
    except sqlite3.IntegrityError:
        abort(409, f"there is a dataset {name} already")
    return jsonify(name=name, rows=max(0, lines - 1), bytes=len(content)), 201


@routes.get("/data/<name>")
def download(name: str) -> Response:
    """Send a dataset back as it came."""
    path = FOLDER / f"{Path(name).name}.csv"
    if not path.is_file():
        abort(404, f"there is no dataset {name}")
    return send_file(path, mimetype="text/csv")
