"""An API that counts rows, its migration and its worker."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]  # it is in the image alone


def row(statement: str, *values: str) -> tuple[object, ...]:
    """Run a statement, and commit before its result is told."""
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: tuple[object, ...] = cursor.fetchone()
    return found


class Api(BaseHTTPRequestHandler):
    """`GET` tells how many rows there are and of the surroundings, `POST` makes one of what it is sent."""

    def do_GET(self) -> None:
        count = row("SELECT count(*) FROM rows")[0]
        own = {"greeting": os.environ["GREETING"], "folder": str(Path.cwd()), "key": os.environ["KEY"], "uid": os.getuid()}
        self.say({"count": count, **own})

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.say({"id": row("INSERT INTO rows (said) VALUES (%s) RETURNING id", said)[0]})

    def say(self, data: dict[str, object]) -> None:
        """Answer."""
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


match sys.argv[1:]:
    case ["migrate"]:
        row("CREATE TABLE IF NOT EXISTS rows (id serial PRIMARY KEY, said text NOT NULL); SELECT 1")
        sys.stdout.write("migrated\n")
    case ["work"]:
        while True:
            Path("/tmp/alive").touch()  # a path inside the container
            if Path("/tmp/burst").exists():
                Path("/tmp/burst").unlink()
                sys.stdout.write("".join(f"burst {number}\n" for number in range(100_000)))
                sys.stdout.flush()
            time.sleep(0.2)
    case _:
        ThreadingHTTPServer(("127.0.0.1", 8000), Api).serve_forever()
