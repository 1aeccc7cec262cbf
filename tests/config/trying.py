"""Applications made of samples and variations (variations.py), to be loaded and built as stages."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from config.document import parse
from config.load import Loaded
from config.merge import Layer, merge
from config.stage import CHOSEN
from tests.config.variations import FILES, FOLDERS, GIVEN
from tests.topologies.samples import PROD, loaded

HERE = "tests/config/variations.py"


class Nowhere(Exception):
    """A path of a variation leads into nothing: what it would change is not there."""


def steps(path: str) -> list[str]:
    """`a.*.b[]` as single steps."""
    return path.replace("[]", ".[]").split(".")


def given_layers(*texts: str) -> dict[str, Any]:
    """YAML texts, the later over the earlier as layers of a stage."""
    documents = [parse(text or "{}", HERE) for text in texts]
    return merge([Layer(document=one, data=one.data, locate=lambda path: path) for one in documents]).data


def concrete(path: str, data: Any) -> list[str]:
    """A path with the first name there is for each `*`; refused where it leads into nothing."""
    found: list[str] = []
    for step in steps(path):
        if step == "*" and not (isinstance(data, dict) and data):
            raise Nowhere(f"{path} leads into nothing: put an entry of {'.'.join(found)} into BASE, or into the `given` of its variation, in {HERE}")
        found.append(next(iter(data)) if step == "*" else step)
        data = data.get(found[-1]) if isinstance(data, dict) else None
    return found


def changed(data: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """A copy with one value set."""
    copy = deepcopy(data)
    inner = copy
    for step in path[:-1]:
        inner = inner.setdefault(step, {})
    inner[path[-1]] = value
    return copy


def load_it(root: Path, data: dict[str, Any], topology: str) -> Loaded:
    """Load an application as a stage of a topology."""
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
        for name in FILES:
            (root / folder / name).write_text(f"FROM scratch\n# {name}\n")
    (root / "app.yaml").write_text(json.dumps({key: value for key, value in data.items() if key not in CHOSEN}))
    own = {key: data[key] for key in CHOSEN & data.keys()}
    values = {**(PROD if topology != "dev" else {}), **own, "topology": topology, "application": "app.yaml", "secrets": GIVEN}
    return loaded(root, values, "stage")
