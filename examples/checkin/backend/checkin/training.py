"""Datasets of pictures, and models trained on them: the mean encoding, as a file."""

import json
from typing import Annotated

from fastapi import APIRouter, HTTPException, UploadFile
from PIL import Image
from psycopg.errors import UniqueViolation
from pydantic import BaseModel, Field

from checkin import pictures
from checkin.auth import Database, User
from checkin.settings import settings

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
router = APIRouter(tags=["training"])


class Dataset(BaseModel):
    """A named set of pictures."""

    name: Name
    images: int = 0


class Model(BaseModel):
    """What was trained on a dataset."""

    name: Name
    images: int


@router.get("/datasets")
def datasets(db: Database, email: User) -> list[Dataset]:
    """Every dataset."""
    rows = db.execute("SELECT name, count(images.id) AS images FROM datasets LEFT JOIN images ON dataset = datasets.id GROUP BY name ORDER BY name").fetchall()
    return [Dataset.model_validate(row) for row in rows]


@router.post("/datasets", status_code=201)
def make(dataset: Dataset, db: Database, email: User) -> Dataset:
    """Make an empty dataset."""
    try:
        db.execute("INSERT INTO datasets (name) VALUES (%s)", (dataset.name,))
    except UniqueViolation:
        raise HTTPException(409, "there is one of this name") from None
    return Dataset(name=dataset.name)


@router.post("/datasets/{name}/images", status_code=201)
def add(name: Name, image: UploadFile, db: Database, email: User) -> dict[str, str]:
    """Add a picture to a dataset."""
    found = db.execute("SELECT id FROM datasets WHERE name = %s", (name,)).fetchone()
    if not found:
        raise HTTPException(404, "no such dataset")
    file = pictures.keep(pictures.read(image), settings.datasets / name)
    db.execute("INSERT INTO images (dataset, file) VALUES (%s, %s)", (found["id"], file))
    return {"file": file}


@router.post("/models/{name}", status_code=201)
def train(name: Name, db: Database, email: User) -> Model:
    """Train a model on the dataset of its name, and keep it."""
    encodings = []
    for path in sorted((settings.datasets / name).glob("*.png")):
        with Image.open(path) as picture:
            encodings.append(pictures.encoding(picture.convert("RGB")))
    if not encodings:
        raise HTTPException(409, "the dataset has no pictures")
    weights = [sum(bits == "1" for bits in column) / len(encodings) for column in zip(*encodings, strict=True)]
    (settings.models / f"{name}.json").write_text(json.dumps({"weights": weights}))
    db.execute(
        "INSERT INTO models (name, images) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET images = excluded.images",
        (name, len(encodings)),
    )
    return Model(name=name, images=len(encodings))


@router.get("/models")
def models(db: Database, email: User) -> list[Model]:
    """Every model whose file is there."""
    rows = db.execute("SELECT name, images FROM models ORDER BY name").fetchall()
    return [Model.model_validate(row) for row in rows if (settings.models / f"{row['name']}.json").is_file()]
