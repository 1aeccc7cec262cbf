"""SQLite, one file that every replica on this host writes to: WAL lets readers and one writer work at once, and writers wait their turn."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g

WAIT_S = 30
"""How long a writer waits for the one before it."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS datasets (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS models (
    id INTEGER PRIMARY KEY, dataset TEXT NOT NULL REFERENCES datasets (name), file TEXT NOT NULL UNIQUE, accuracy REAL NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
"""


def connect() -> sqlite3.Connection:
    """Open the database of this process's environment; rows are read by name, and a transaction begins where `writing` says so."""
    connection = sqlite3.connect(os.environ["DATABASE"], timeout=WAIT_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def create() -> None:
    """Create the tables. The mode stays in the file: one process sets it, before any other has the file open."""
    connection = connect()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA)
    connection.close()


def current() -> sqlite3.Connection:
    """The connection of this request."""
    found: sqlite3.Connection | None = g.get("connection")
    if not found:
        found = g.connection = connect()
    return found


@contextmanager
def writing() -> Iterator[sqlite3.Connection]:
    """A transaction that has the right to write from its start: two that read first and write later could not both end well."""
    connection = current()
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def close(_: BaseException | None) -> None:
    """Close the connection of this request."""
    if connection := g.pop("connection", None):
        connection.close()
