"""The handshake before SPDY. Follows apimachinery's util/httpstream."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.endpoints.connection import Call, Headers, Refusal

VERSION_HEADER = "X-Stream-Protocol-Version"
PLAIN = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))


def handshake(call: Call, supported: Sequence[str]) -> tuple[str, Headers] | Refusal:
    """The protocol that both sides speak and the headers that go with the 101."""
    offered = [
        part.strip(" ") for value in call.header_values(VERSION_HEADER) for part in value.split(",") if part.strip(" ")
    ]
    if not offered:
        return _refuse(400, f"unable to upgrade: {VERSION_HEADER} is required")
    chosen = next((protocol for protocol in offered if protocol in supported), None)
    if chosen is None:
        text = (
            f"unable to upgrade: unable to negotiate protocol: client supports [{' '.join(offered)}], "
            f"server accepts [{' '.join(supported)}]"
        )
        return _refuse(403, text, [("X-Accepted-Stream-Protocol-Versions", one) for one in supported])
    if "spdy/3.1" not in call.header("Upgrade").lower():
        return _refuse(400, f"unable to upgrade: missing upgrade headers in request: {_go_header(call.headers)}")
    return chosen, [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), (VERSION_HEADER, chosen)]


def _refuse(status: int, text: str, headers: Headers = ()) -> Refusal:
    return Refusal(status, f"{text}\n".encode(), [*PLAIN, *headers])


def _go_header(headers: Headers) -> str:
    """http.Header as %#v prints it."""
    named: dict[str, list[str]] = {}
    for name, value in headers:
        named.setdefault(name.title(), []).append(f'"{value}"')
    inner = ", ".join(f'"{name}":[]string{{{", ".join(values)}}}' for name, values in sorted(named.items()))
    return f"http.Header{{{inner}}}"
