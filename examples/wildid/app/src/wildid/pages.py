"""The pages."""

from flask import Blueprint, abort, render_template, session
from flask.typing import ResponseReturnValue

from wildid import database

routes = Blueprint("pages", __name__)


@routes.get("/")
def home() -> ResponseReturnValue:
    """Where one signs in and sends pictures."""
    return render_template("home.html", email=session.get("email"))


@routes.get("/history")
def history() -> ResponseReturnValue:
    """What the visitor had identified."""
    if not (email := session.get("email")):
        abort(403, "sign in first")
    with database.connection() as connection:
        rows = connection.execute("SELECT species, confidence, image, created FROM identifications WHERE email = %s ORDER BY id DESC", (email,)).fetchall()
    return render_template("history.html", rows=rows)
