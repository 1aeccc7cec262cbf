"""How long an image takes to build again after a source file has changed."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from bench.measure import Ratio, compare, seconds
from tests.engine.project import CHECKOUT

DEMO = CHECKOUT / "demo" / "web"
COPY_FIRST = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN python -m venv venv && venv/bin/pip install --disable-pip-version-check --root-user-action=ignore --no-cache-dir --requirement requirements.txt
CMD ["venv/bin/uvicorn", "demo.app:app"]
"""
"""What many write: every change of a source file installs everything anew."""


def _build(folder: Path, name: str, *more: str) -> float:
    return seconds("docker", "build", "--quiet", "--tag", f"berth-bench-{name}", *more, str(folder))


def _changing(folder: Path, build: Callable[[], float]) -> Callable[[], float]:
    """The same build, after a change that no build has seen."""

    def changed() -> float:
        (folder / "src" / "demo" / "changed.py").write_text(f'NEW = "{uuid4()}"\n')  # of an earlier run's content the engine still has the layers
        return build()

    return changed


def ratios() -> Iterator[Ratio]:
    """The demo's Dockerfile, changed and unchanged, and beside one that copies first."""
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        layered, naive = (Path(shutil.copytree(DEMO, Path(name) / kind)) for kind in ("layered", "naive"))
        (naive / "Dockerfile").write_text(COPY_FIRST)
        again = _changing(layered, lambda: _build(layered, "layered", "--target", "dev"))
        try:
            yield compare("Rebuild after a source change", again, "the same without a change", lambda: _build(layered, "layered", "--target", "dev"), 1.3)
            slow = _changing(naive, lambda: _build(naive, "naive"))
            yield compare("Rebuild after a source change", again, "a Dockerfile that copies first", slow, 20, at_least=True)
        finally:
            seconds("docker", "image", "rm", "--force", "berth-bench-layered", "berth-bench-naive")
