"""/api/training: models, each a pickle in /app/models that this application wrote itself."""

import pickle
import uuid
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, request
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cirame import data, database

routes = Blueprint("training", __name__)
FOLDER = Path("/app/models")


@routes.get("/training/models")
def models() -> Response:
    """List the models."""
    rows = database.current().execute("SELECT id, dataset, file, accuracy, created FROM models ORDER BY id").fetchall()
    return jsonify([dict(row) for row in rows])


@routes.post("/training/<dataset>")
def train(dataset: str) -> tuple[Response, int]:
    """Train a model on a dataset."""
    numbers = data.read(dataset)
    inputs, classes = numbers[:, :-1], numbers[:, -1]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(inputs, classes)
    file, accuracy = f"{dataset}-{uuid.uuid4().hex[:8]}.pkl", float(model.score(inputs, classes))
    (FOLDER / file).write_bytes(pickle.dumps(model))
    with database.writing() as connection:
        made = connection.execute("INSERT INTO models (dataset, file, accuracy) VALUES (?, ?, ?)", (dataset, file, accuracy)).lastrowid
    return jsonify(id=made, file=file, accuracy=accuracy), 201


@routes.post("/training/models/<int:number>/predict")
def predict(number: int) -> Response:
    """Say the class of each row of numbers in the body, a JSON list of lists."""
    found = database.current().execute("SELECT file FROM models WHERE id = ?", (number,)).fetchone()
    if not found:
        abort(404, f"there is no model {number}")
    model = pickle.loads((FOLDER / found["file"]).read_bytes())  # noqa: S301  # nobody else writes there
    return jsonify(model.predict(request.get_json()).tolist())
