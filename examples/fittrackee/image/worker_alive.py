"""Exit status 0 while dramatiq's worker asks Redis for messages: each time it does, it writes down when, as whoever sends one does."""

import sys
import time
from pathlib import Path

import redis

MAX_AGE_S = 60

broker = redis.from_url(Path("/run/secrets/REDIS_URL").read_text(), socket_timeout=3)
latest = broker.zrange("dramatiq:__heartbeats__", -1, -1, withscores=True)
sys.exit(0 if latest and time.time() - latest[0][1] / 1000 < MAX_AGE_S else 1)
