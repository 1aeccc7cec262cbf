"""Accounts: passwords as argon2 hashes, sessions as JSON web tokens of one hour."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg.errors import UniqueViolation
from pydantic import BaseModel, Field

from checkin.database import Connection, connection
from checkin.settings import settings

LIFETIME = timedelta(hours=1)
ALGORITHM = "HS256"
hasher = PasswordHasher()
NOBODY = hasher.hash("nobody")
"""Compared with when there is no such account, so that this takes as long."""
router = APIRouter(tags=["auth"])
Database = Annotated[Connection, Depends(connection, scope="function")]
"""Committed before the answer is sent: what was acknowledged is kept, and seen by every replica."""


class Account(BaseModel):
    """Who signs in, and with what."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    password: str = Field(min_length=8, max_length=256)


class Token(BaseModel):
    """What stands in the header Authorization afterwards."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105  # the name of a scheme


@router.post("/auth/register", status_code=201)
def register(account: Account, db: Database) -> dict[str, str]:
    """Make an account."""
    try:
        db.execute("INSERT INTO users (email, password) VALUES (%s, %s)", (account.email, hasher.hash(account.password)))
    except UniqueViolation:
        raise HTTPException(409, "this address has an account") from None
    return {"email": account.email}


@router.post("/auth/login")
def login(account: Account, db: Database) -> Token:
    """Sign in."""
    user = db.execute("SELECT id, password FROM users WHERE email = %s", (account.email,)).fetchone()
    try:
        hasher.verify(user["password"] if user else NOBODY, account.password)
    except VerifyMismatchError:
        raise HTTPException(401, "no such account, or another password") from None
    claims = {"sub": account.email, "exp": datetime.now(UTC) + LIFETIME}
    return Token(access_token=jwt.encode(claims, settings.secret_key.get_secret_value(), ALGORITHM))


def user(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """The address of who asks. Answers 401 to a token that is not ours or has expired."""
    try:
        claims = jwt.decode(given.credentials, settings.secret_key.get_secret_value(), [ALGORITHM])
    except jwt.InvalidTokenError:
        raise HTTPException(401, "sign in again") from None
    return str(claims["sub"])


User = Annotated[str, Depends(user)]


@router.get("/users/me")
def me(email: User) -> dict[str, str]:
    """Who asks."""
    return {"email": email}
