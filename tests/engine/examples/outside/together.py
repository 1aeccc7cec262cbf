"""Answers as Together.ai does, to who has the key: `together.py PORT KEY`. Every picture is of an otter; each question is printed as a line of JSON."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = {"choices": [{"message": {"content": '{"species": "Eurasian otter", "confidence": 0.93}'}}]}


class Together(BaseHTTPRequestHandler):
    """POST /v1/chat/completions."""

    def do_POST(self) -> None:
        """Answer, or refuse who has no key."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        picture = asked["messages"][0]["content"][1]["image_url"]["url"]
        allowed = self.path == "/v1/chat/completions" and self.headers["Authorization"] == f"Bearer {sys.argv[2]}"
        print(json.dumps({"allowed": allowed, "picture": picture}))  # noqa: T201
        body = json.dumps(ANSWER).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Together).serve_forever()  # inside a container
