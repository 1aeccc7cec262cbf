"""Sign in without a password: whoever reads the mail of an address is its owner."""

import os
import re
import secrets
from hashlib import sha256

from flask import Blueprint, abort, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from wildid import database, mail

routes = Blueprint("login", __name__)


@routes.post("/login")
def ask() -> ResponseReturnValue:
    """Send a link to the address. Only a hash of its token is kept: who reads the database cannot sign in by it."""
    email = request.form.get("email", "").strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        abort(400, "this is no address")
    token = secrets.token_urlsafe(32)
    with database.connection() as connection:
        connection.execute("INSERT INTO login_tokens (hash, email) VALUES (%s, %s)", (sha256(token.encode()).digest(), email))
    mail.send(email, "Your link to WildID", f"Sign in within 15 minutes:\n\n{os.environ['SITE_URL']}/login/{token}\n")
    return render_template("sent.html", email=email)


@routes.get("/login/<token>")
def use(token: str) -> ResponseReturnValue:
    """Sign in; a token works once."""
    with database.connection() as connection:
        found = connection.execute(
            "UPDATE login_tokens SET used = now() WHERE hash = %s AND used IS NULL AND expires > now() RETURNING email", (sha256(token.encode()).digest(),)
        ).fetchone()
        if not found:
            abort(403, "this link was used already, or is too old")
        connection.execute("INSERT INTO users (email) VALUES (%s) ON CONFLICT DO NOTHING", (found["email"],))
    session.clear()
    session["email"] = found["email"]
    return redirect("/")


@routes.post("/logout")
def leave() -> ResponseReturnValue:
    """Sign out."""
    session.clear()
    return redirect("/")
