"""Commands beside the web server: `python -m demo migrate | worker | alive`."""

import asyncio
import logging
import sys
from pathlib import Path

ALIVE_FILE = Path("/tmp/worker-alive")  # noqa: S108 - the one folder that a read-only container can write to
USAGE = "usage: python -m demo migrate | worker | alive"

# Each command imports what it needs: `alive` runs every few seconds and needs none of the libraries.
# ruff: noqa: PLC0415


def main(arguments: list[str]) -> int:
    """Run the command and return the exit code of the process."""
    match arguments:
        case ["migrate"]:
            return _migrate()
        case ["worker"]:
            return _worker()
        case ["alive"]:
            return _alive()
    sys.stderr.write(f"{USAGE}\n")
    return 2


def _migrate() -> int:
    import psycopg

    from demo.migrations import migrate
    from demo.settings import settings_or_exit

    try:
        done = migrate(settings_or_exit().database_url)
    except psycopg.Error as error:
        sys.stderr.write(f"demo: migrate: {' '.join(str(error).split())}\n")
        return 1
    sys.stdout.write(f"demo: migrate: {', '.join(done) if done else 'nothing to do'}\n")
    return 0


def _worker() -> int:
    from demo.settings import settings_or_exit
    from demo.worker import work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(work(settings_or_exit(), ALIVE_FILE))
    return 0


def _alive() -> int:
    from demo.heartbeat import is_alive

    if is_alive(ALIVE_FILE):
        return 0
    sys.stderr.write(f"demo: alive: {ALIVE_FILE} is missing or old\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
