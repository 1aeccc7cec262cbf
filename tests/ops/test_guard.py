"""How a command ends: one message, an exit code, no traceback."""

import docker.errors
import pytest
import typer

from ops.console import Stop
from ops.engine import REMEDY
from ops.guard import INTERRUPTED, guarded


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (Stop("this will not do"), 1, "berth: this will not do\n"),
        (Stop("Pulumi said no", 7), 7, "berth: Pulumi said no\n"),
        (docker.errors.DockerException("gone"), 1, f"berth: the Docker engine failed (gone): {REMEDY}, and run this again\n"),
        (KeyboardInterrupt(), INTERRUPTED, "berth: left\n"),
    ],
    ids=["refused", "with a code", "engine", "Ctrl-C"],
)
def test_what_is_raised(raised: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    @guarded
    def command() -> int:
        raise raised

    with pytest.raises(typer.Exit) as ended:
        command()
    assert (ended.value.exit_code, capsys.readouterr().err) == (code, message)


@pytest.mark.parametrize("code", [0, 3])
def test_what_is_returned(code: int) -> None:
    with pytest.raises(typer.Exit) as ended:
        guarded(lambda: code)()
    assert ended.value.exit_code == code
