"""The database's tables: a list that only grows, applied once each, all or none."""

import psycopg

LOCK = 7_030_801
"""Any number; whoever migrates this database holds the advisory lock of that number."""

MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "1 notes",
        """
        CREATE TABLE notes (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            text text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )
        """,
    ),
    (
        "2 jobs",
        """
        CREATE TABLE jobs (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            recipient text NOT NULL,
            subject text NOT NULL,
            state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'mailed', 'failed')),
            attempts integer NOT NULL DEFAULT 0,
            error text,
            created_at timestamptz NOT NULL DEFAULT now(),
            due_at timestamptz NOT NULL DEFAULT now(),
            mailed_at timestamptz
        );
        CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 'queued'
        """,
    ),
)


def migrate(database_url: str) -> list[str]:
    """Bring the database up to date and return what was done: nothing, the second time. Safe to run twice at once."""
    done = []
    with psycopg.connect(database_url, connect_timeout=5, application_name="demo-migrate") as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())")
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        for name, statements in MIGRATIONS:
            if name not in applied:
                connection.execute(statements.encode())
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (name,))
                done.append(name)
    return done
