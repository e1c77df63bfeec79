"""What the servers share: parameters of a request, answers, requests of their own, commands and their output."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from fakekube.machinery.jsontext import dumps_sorted
from fakekube.sandbox.agnhost.flags import ends_on_signal
from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.executing import start
from fakekube.sandbox.kernel import Handle, Null, Proc, pipe
from fakekube.sandbox.serving import Answer, ask, http

MARKUP = re.compile(
    r"\s*<(!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P)[ >]", re.IGNORECASE
)
"""What Go's http.DetectContentType takes for HTML."""
OUTPUT = 1024 * 1024


def values_of(request: HttpRequest) -> dict[str, str]:
    """The parameters of a request, those of a form too; the first of each name."""
    found: dict[str, str] = {}
    pairs = parse_qsl(urlsplit(request.path).query, keep_blank_values=True)
    if any(value.startswith("application/x-www-form-urlencoded") for _, value in request.headers):
        pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True) + pairs
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def path_of(request: HttpRequest) -> str:
    """The path without parameters."""
    return unquote(urlsplit(request.path).path)


def text(body: str, status: int = 200) -> HttpAnswer:
    """An answer whose type Go's server guesses."""
    kind = "text/html" if MARKUP.match(body) else "text/plain"
    return HttpAnswer(status, (("Content-Type", f"{kind}; charset=utf-8"),), body.encode())


def as_json(value: object, status: int = 200) -> HttpAnswer:
    """An answer in JSON, of which Go's servers say that it is plain text."""
    return text(dumps_sorted(value), status)


async def serve(proc: Proc, port: int, answer: Answer, *, tls: bool = False) -> int:
    """Serve until the program is to end; gives its exit code. Raises OSError."""
    ends_on_signal(proc)
    proc.listen(port, http(port, answer), tls=tls)
    return await proc.ending


async def get(proc: Proc, host: str, port: int, target: str) -> str:
    """The body of what another server answers.

    Raises UnknownHost, ConnectionRefusedError, Unreachable, BrokenPipeError, ProtocolError.
    """
    network = proc.network
    connection = await network.connect(network.resolve(host)[0][1], port)
    answer = await ask(connection, HttpRequest(port, "GET", target, [("Host", f"{host}:{port}")]))
    return answer.body.decode(errors="replace")


async def output_of(proc: Proc, argv: list[str]) -> tuple[str, int]:
    """(what a command writes, its exit code)"""
    reader, writer = pipe()
    child = start(proc, argv, fds={0: Handle(Null()), 1: writer, 2: writer.share()})
    kept = bytearray()
    while data := await reader.read():
        kept += data[: max(OUTPUT - len(kept), 0)]
    return kept.decode(errors="replace"), await child.wait()
