"""/api/features: what a dataset looks like, column by column."""

from flask import Blueprint, Response, jsonify

from cirame import data

routes = Blueprint("features", __name__)


@routes.get("/features/<name>")
def features(name: str) -> Response:
    """Mean, spread and range of every column but the class."""
    numbers = data.read(name)[:, :-1]
    parts = {"mean": numbers.mean(axis=0), "std": numbers.std(axis=0), "min": numbers.min(axis=0), "max": numbers.max(axis=0)}
    return jsonify([{part: float(values[column]) for part, values in parts.items()} for column in range(numbers.shape[1])])
