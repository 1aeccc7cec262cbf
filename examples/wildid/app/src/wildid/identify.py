"""Which animal it is: the picture lies in /app/uploads while Together.ai looks at it."""

import base64
import json
import os
from pathlib import Path
from uuid import uuid4

import httpx
from flask import Blueprint, abort, render_template, request, session
from flask.typing import ResponseReturnValue

from wildid import database

routes = Blueprint("identify", __name__)
UPLOADS = Path("/app/uploads")
TYPES = {"image/png": ".png", "image/jpeg": ".jpg"}
QUESTION = 'Which animal is this? Answer with JSON alone: {"species": text, "confidence": number from 0 to 1}'


@routes.post("/identify")
def identify() -> ResponseReturnValue:
    """Identify the animal of a picture; for those who signed in it is kept."""
    image = request.files.get("image")
    if not image or image.mimetype not in TYPES:
        abort(400, "send a picture: PNG or JPEG")
    if not os.environ.get("TOGETHER_API_KEY"):
        abort(503, "this stage has no key of Together.ai")
    path = UPLOADS / f"{uuid4().hex}{TYPES[image.mimetype]}"
    try:
        image.save(path)
        encoded = base64.b64encode(path.read_bytes()).decode()
        found = _asked(f"data:{image.mimetype};base64,{encoded}")
    finally:
        path.unlink(missing_ok=True)
    if email := session.get("email"):
        with database.connection() as connection:
            connection.execute(
                "INSERT INTO identifications (email, species, confidence, image) VALUES (%s, %s, %s, %s)",
                (email, found["species"], found["confidence"], encoded),
            )
    return render_template("result.html", **found)


def _asked(picture: str) -> dict[str, object]:
    """What Together.ai says; 502 when that is nothing that could be used."""
    content = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": picture}}]
    body = {"model": os.environ.get("TOGETHER_MODEL", "Qwen/Qwen2.5-VL-72B-Instruct"), "messages": [{"role": "user", "content": content}]}
    try:
        answer = httpx.post(
            f"{os.environ['TOGETHER_URL']}/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['TOGETHER_API_KEY']}"},
            json=body,
            timeout=50,
        ).raise_for_status()
        found = json.loads(answer.json()["choices"][0]["message"]["content"])
        return {"species": str(found["species"]), "confidence": float(found["confidence"])}
    except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError):
        abort(502, "Together.ai gave no answer that could be used")
