"""Faces and attendance."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, UploadFile
from pydantic import BaseModel

from checkin import pictures
from checkin.auth import Database, User
from checkin.settings import settings

NEAR = 10
"""Bits of 64 that may differ."""
NEAREST = "SELECT id, name, bit_count(encoding # %s::bit(64)) AS distance FROM faces ORDER BY distance LIMIT 1"
router = APIRouter(tags=["attendance"])


class Person(BaseModel):
    """Somebody who is known."""

    name: str
    picture: str


class Visit(BaseModel):
    """Somebody who checked in."""

    name: str
    at: datetime


@router.post("/faces", status_code=201)
def learn(name: Annotated[str, Form(min_length=1, max_length=100)], image: UploadFile, email: User, db: Database) -> Person:
    """Remember a face."""
    picture = pictures.read(image)
    file = pictures.keep(picture, settings.uploads / "faces")
    db.execute("INSERT INTO faces (name, encoding, file) VALUES (%s, %s, %s)", (name, pictures.encoding(picture), file))
    shown = pictures.keep(picture.resize((64, 64)), settings.uploads / "images")
    return Person(name=name, picture=f"/uploads/{shown}")


@router.post("/attendance", status_code=201)
def check_in(image: UploadFile, email: User, db: Database) -> Visit:
    """Check in whose face it is."""
    found = db.execute(NEAREST, (pictures.encoding(pictures.read(image)),)).fetchone()
    if not found or found["distance"] > NEAR:
        raise HTTPException(404, "nobody who is known")
    row = db.execute("INSERT INTO attendance (face) VALUES (%s) RETURNING at", (found["id"],)).fetchone()
    return Visit(name=found["name"], at=row["at"] if row else datetime.now().astimezone())


@router.get("/attendance")
def attendance(email: User, db: Database) -> list[Visit]:
    """Everybody who checked in, the latest first."""
    rows = db.execute("SELECT faces.name, attendance.at FROM attendance JOIN faces ON faces.id = face ORDER BY attendance.id DESC LIMIT 100").fetchall()
    return [Visit.model_validate(row) for row in rows]


@router.get("/attendance/count")
def count(db: Database) -> dict[str, int]:
    """How often somebody checked in; no secret."""
    row = db.execute("SELECT count(*) AS count FROM attendance").fetchone()
    return {"count": row["count"] if row else 0}
