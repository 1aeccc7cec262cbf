"""`python -m checkin migrate` makes the tables."""

import sys

from checkin import database

if sys.argv[1:] != ["migrate"]:
    raise SystemExit("usage: python -m checkin migrate")
database.migrate()
