"""Programs of well-known images that answer requests with more than fixed texts (those are `http` in images.yaml)."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.servers import admission_webhook, conversion_webhook
from fakekube.sandbox.tls import server_context

Answer = Callable[[HttpRequest], Awaitable[HttpAnswer]]
ReadFile = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Server:
    """What listens on one port of a container."""

    port: int
    answer: Answer
    tls: ssl.SSLContext | None = None
    """None for a server that speaks plain HTTP."""


class Unusable(Exception):
    """The program ends at once; the text is what it writes before."""


Make = Callable[[Mapping[str, str], ReadFile], Server]
"""(options of the command line, files of the container) -> server. Raises Unusable."""


def find(argv: Sequence[str]) -> Callable[[ReadFile], Server] | None:
    """What makes the server that a command line starts; None for any other program."""
    program, subcommand, *rest = (*argv, "", "")
    make = PROGRAMS.get((program.rpartition("/")[2], subcommand))
    return partial(make, _options(rest)) if make is not None else None


def _options(words: Sequence[str]) -> dict[str, str]:
    """Go's flags, of which only --NAME=VALUE and --NAME VALUE matter."""
    options = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name.startswith("--"):
            options[name[2:]] = value if equals else following
    return options


def _secure(answer: Answer, options: Mapping[str, str], read: ReadFile) -> Server:
    """An HTTPS server as agnhost's webhooks set theirs up: the certificate is on a volume."""
    certificate, key = (_file(options.get(name, ""), read) for name in ("tls-cert-file", "tls-private-key-file"))
    try:
        return Server(int(options.get("port", "443")), answer, server_context(certificate, key))
    except (ssl.SSLError, ValueError) as error:
        raise Unusable(str(error)) from None


def _file(path: str, read: ReadFile) -> bytes:
    data = read(path)
    if data is None:
        raise Unusable(f"open {path}: no such file or directory")
    return data


PROGRAMS: Mapping[tuple[str, str], Make] = {
    ("agnhost", "webhook"): partial(_secure, admission_webhook.answer),
    ("agnhost", "crd-conversion-webhook"): partial(_secure, conversion_webhook.answer),
}
"""By program and subcommand."""
