"""What uvicorn serves: `uvicorn demo.app:app`. Importing this reads the environment, and nothing else here does."""

from demo.settings import settings_or_exit
from demo.site import build

app = build(settings_or_exit())
