"""The worker's sign of life: a file that is touched as long as the worker gets from one step to the next."""

import threading
import time
from pathlib import Path

MAX_AGE_S = 10.0
TOUCH_EVERY_S = 2.0
STUCK_AFTER_S = 60.0
"""A step (one mail, one wait) is bounded far below this: a worker that stays longer in one will not come back."""


class Heartbeat(threading.Thread):
    """Touches a file every two seconds, from a thread of its own so that a slow step does not look like a dead worker.

    Waiting for a service that is away is progress. When `step` was not called for a minute, the file is left to age.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._file = file
        self._stopped = threading.Event()
        self._last_step = time.monotonic()

    def step(self) -> None:
        """Say that the worker has come to its next step."""
        self._last_step = time.monotonic()

    def run(self) -> None:
        """Touch the file until `stop`."""
        while True:
            if time.monotonic() - self._last_step < STUCK_AFTER_S:
                self._file.touch()
            if self._stopped.wait(TOUCH_EVERY_S):
                return

    def stop(self) -> None:
        """End the thread and remove the file: a worker that has ended is not alive."""
        self._stopped.set()
        self.join()
        self._file.unlink(missing_ok=True)


def is_alive(file: Path) -> bool:
    """Whether the file was touched in the last ten seconds."""
    try:
        return time.time() - file.stat().st_mtime < MAX_AGE_S
    except FileNotFoundError:
        return False
