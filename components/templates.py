"""Templates of the files that are rendered, compiled once and kept beside Python's own bytecode."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class _BesideBytecode(jinja2.FileSystemBytecodeCache):
    """Compiled templates in a folder's `__pycache__`; where Python may not write there either, nothing is kept."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def templates(folder: Path, filters: Mapping[str, Callable[..., str]] | None = None) -> jinja2.Environment:
    """The templates of a folder. What they have no value for is an error; they are no HTML, so nothing is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # configuration files and Markdown
        bytecode_cache=_BesideBytecode(str(folder / "__pycache__")),
    )
    made.filters |= filters or {}
    return made
