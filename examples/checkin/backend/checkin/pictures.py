"""Pictures: read, kept, and turned into 64 bits that similar pictures share (a difference hash)."""

import io
import uuid
from pathlib import Path

from fastapi import HTTPException, UploadFile
from PIL import Image, UnidentifiedImageError

WIDTH, HEIGHT = 9, 8


def read(upload: UploadFile) -> Image.Image:
    """The picture. Answers 422 when it is none."""
    try:
        picture = Image.open(io.BytesIO(upload.file.read()))
        picture.load()
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise HTTPException(422, "is no picture") from None
    return picture.convert("RGB")


def keep(picture: Image.Image, folder: Path) -> str:
    """Write it as PNG, readable for the proxy too, and return its name."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    name = f"{uuid.uuid4().hex}.png"
    picture.save(folder / name)
    (folder / name).chmod(0o644)
    return name


def encoding(picture: Image.Image) -> str:
    """One bit for each pixel of the shrunken picture: whether it is brighter than its right neighbour."""
    small = picture.convert("L").resize((WIDTH, HEIGHT)).tobytes()
    return "".join("1" if small[row * WIDTH + column] > small[row * WIDTH + column + 1] else "0" for row in range(HEIGHT) for column in range(WIDTH - 1))
