"""A page that tells which secret it was given."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    """The same for every path."""

    def do_GET(self) -> None:
        body = f"{os.environ['API_URL']} {os.environ['KEY']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 3000), Page).serve_forever()
