"""Postgres: users, their login tokens, and what they had identified."""

import os
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from psycopg import Connection, connect
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (email text PRIMARY KEY, created timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS login_tokens (
    hash bytea PRIMARY KEY, email text NOT NULL, expires timestamptz NOT NULL DEFAULT now() + interval '15 minutes', used timestamptz
);
CREATE TABLE IF NOT EXISTS identifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL REFERENCES users, species text NOT NULL, confidence real NOT NULL,
    image text NOT NULL, created timestamptz NOT NULL DEFAULT now()
);
"""


@cache
def _pool() -> ConnectionPool[Connection[DictRow]]:
    """One pool for each process, opened by the first request: a forked process must not share connections."""
    settings: dict[str, Any] = {"row_factory": dict_row}
    return ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=4, timeout=5, kwargs=settings, check=ConnectionPool.check_connection, open=True)


def connection() -> AbstractContextManager[Connection[DictRow]]:
    """A connection, in a transaction that is committed when the block ends well."""
    return _pool().connection()


def migrate() -> None:
    """Create the tables."""
    with connect(os.environ["DATABASE_URL"]) as made:
        made.execute(SCHEMA)
