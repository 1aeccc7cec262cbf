"""What visitors may send, and the one sentence that says why something was not accepted."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

NOTE_MAX = 500
SUBJECT_MAX = 150
ADDRESS_MAX = 254

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'/=-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def _printable(text: str) -> str:
    if any((character < " " and character not in "\n\t") or character == "\x7f" for character in text):
        raise ValueError("has characters that cannot be shown")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has to be one line of text")
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("is not a mail address like you@demo.test")
    return text


class NewNote(BaseModel):
    """A note to write."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NOTE_MAX), AfterValidator(_printable)]


class NewJob(BaseModel):
    """A job to queue: a mail to somebody."""

    model_config = ConfigDict(extra="forbid")
    to: Annotated[str, StringConstraints(strip_whitespace=True, max_length=ADDRESS_MAX), AfterValidator(_address)]
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SUBJECT_MAX), AfterValidator(_one_line)]


_SENTENCES = {
    "missing": "is missing",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "string_type": "has to be text",
    "string_unicode": "has characters that cannot be shown",
    "extra_forbidden": "is not known",
    "json_invalid": "is not valid JSON",
    "model_attributes_type": "has to be a JSON object",
    "int_parsing": "is not a number",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "value_error": "{error}",
}


def explain(errors: list[dict[str, object]]) -> str:
    """One sentence about what pydantic or FastAPI found wrong; it repeats nothing of what was sent."""
    return "; ".join(f"{_place(error)} {_sentence(error)}" for error in errors)


def explain_invalid(error: ValidationError) -> str:
    """The same, from the exception."""
    return explain([dict(each) for each in error.errors(include_url=False, include_input=False)])


def _place(error: dict[str, object]) -> str:
    location = error.get("loc")
    names = [str(name) for name in location if name not in ("body", "path")] if isinstance(location, tuple) else []
    return "the body" if not names or error["type"] == "json_invalid" else ".".join(names)


def _sentence(error: dict[str, object]) -> str:
    context = error.get("ctx")
    sentence = _SENTENCES.get(str(error["type"]), str(error.get("msg", "is not valid")))
    return sentence.format_map(context) if isinstance(context, dict) and "{" in sentence else sentence
