"""HTTPS servers that fakekube asks, as tests play them: an OpenID issuer, webhooks."""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fakekube.pki import Authority

Answer = tuple[int, Any]
"""Status and body: text or something for JSON."""
Play = Callable[[str, Mapping[str, str], Any], Answer]
"""Path, headers and the parsed body of a request -> the answer."""


class Backend:
    """Answers at `url` what `play` says. `asked` has the paths and bodies of all requests."""

    def __init__(self, play: Play) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.answer_headers: dict[str, str] = {}
        self.authority = Authority.make("backend")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(play))
        usages = ("digital signature", "server auth")
        pair = self.authority.issue("backend", usages=usages, sans=("127.0.0.1",))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(pair.certificate + b"\n" + pair.key)
            file.flush()
            context.load_cert_chain(file.name)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def _handler(self, play: Play) -> type[BaseHTTPRequestHandler]:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                backend.asked.append((self.path, body))
                backend.headers.append(dict(self.headers))
                code, answer = play(self.path, self.headers, body)
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                for name, value in backend.answer_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        return Handler

    def kubeconfig(self, folder: Path, path: str = "/", **user: Any) -> Path:
        """A kubeconfig file that means this server."""
        bundle = b64encode(self.authority.certificate_pem).decode()
        document = {
            "clusters": [{"name": "c", "cluster": {"server": self.url + path, "certificate-authority-data": bundle}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        file = folder / "webhook.kubeconfig"
        file.write_text(json.dumps(document))
        return file

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
