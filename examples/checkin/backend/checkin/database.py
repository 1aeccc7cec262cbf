"""Postgres: the tables, and connections to them."""

from collections.abc import Iterator

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from checkin.settings import settings

TABLES = """
CREATE TABLE IF NOT EXISTS users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, password text NOT NULL);
CREATE TABLE IF NOT EXISTS datasets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS images (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dataset bigint NOT NULL REFERENCES datasets, file text NOT NULL);
CREATE TABLE IF NOT EXISTS models (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE NOT NULL, images int NOT NULL);
CREATE TABLE IF NOT EXISTS faces (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, encoding bit(64) NOT NULL, file text NOT NULL);
CREATE TABLE IF NOT EXISTS attendance (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, face bigint NOT NULL REFERENCES faces,
    at timestamptz NOT NULL DEFAULT now());
"""

Connection = psycopg.Connection[DictRow]
pool: ConnectionPool[Connection] = ConnectionPool(
    settings.database_url.get_secret_value(),
    min_size=1,
    max_size=8,
    open=False,
    timeout=10,
    kwargs={"row_factory": dict_row},
    check=ConnectionPool.check_connection,
)


def connection() -> Iterator[Connection]:
    """A connection for one request, committed at its end."""
    with pool.connection() as found:
        yield found


def migrate() -> None:
    """Make the tables that are missing."""
    with psycopg.connect(settings.database_url.get_secret_value()) as found:
        found.execute(TABLES)
