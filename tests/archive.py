"""A server on this computer that answers as the archives do, whole or with a fault."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NCBI = "/ftp.ncbi.nlm.nih.gov/geo"
WEB = "/www.ncbi.nlm.nih.gov/geo"
LISTING = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of {path}</title></head><body><h1>Index of {path}</h1>
<pre>Name                    Last modified      Size  <hr><a href="{parent}">Parent Directory</a>   -
{rows}
<hr></pre><a href="https://www.hhs.gov/vulnerability-disclosure-policy/index.html">HHS</a>
</body></html>
"""


class Archive:
    """Files by path, `/<host>/<path>`; folders of them are listed as NCBI lists them.

    faults    path to a list of faults, one taken by each request, then none: a status, "short" (half of the
              body), "stall" (half, then silence), "drop" (no answer), or a dict of headers of a redirect
    asked     paths in the order in which they were asked for
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list] = {}
        self.asked: list[str] = []
        self.release = threading.Event()
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                archive.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that hangs up is what is tested

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def put(self, path: str, body: bytes | str) -> str:
        self.files[path] = body.encode() if isinstance(body, str) else body
        return path

    def series(self, accession: str, folder: str, name: str, body: bytes | str) -> str:
        """Put a file where GEO keeps those of a series."""
        return self.put(f"{NCBI}/series/{accession[:-3]}nnn/{accession}/{folder}/{name}", body)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        self.asked.append(path)
        fault = self.faults[path].pop(0) if self.faults.get(path) else None
        if fault == "drop":
            request.connection.close()
            return
        body = self.files.get(path, self._listing(path))
        status = fault if isinstance(fault, int) else 404 if body is None else 200
        body = body if status == 200 else b"<html>an error</html>"
        headers = {"Content-Length": str(len(body))}
        if isinstance(fault, dict):
            status, headers = 302, headers | fault
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body[: len(body) // 2] if fault in ("short", "stall") else body)
        if fault == "stall":
            request.wfile.flush()
            self.release.wait(5)

    def _listing(self, path: str) -> bytes | None:
        if not path.endswith("/") or urlsplit(path).query:
            return None
        names = sorted({p[len(path) :] for p in self.files if p.startswith(path)})
        names = [n for n in names if "/" not in n]
        if not names:
            return None
        rows = "\n".join(
            f'<a href="{n}">{n}</a>    2024-01-01 00:00  {max(1, len(self.files[path + n]) // 1024)}K'
            for n in names
        )
        return LISTING.format(path=path, parent=path.rsplit("/", 2)[0] + "/", rows=rows).encode()
