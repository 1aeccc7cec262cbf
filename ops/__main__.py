"""`python -m ops`: the command without its script."""

from ops.cli import app

app(prog_name="berth")
