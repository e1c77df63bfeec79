"""What a connect endpoint sees of a request, and the forms its answer may take; the server's part does the I/O."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from msgspec import Struct, field

from fakekube.sandbox.streams import Duplex

Headers = Sequence[tuple[str, str]]
BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of a body that is passed on to a pod."""


class Call(Struct, frozen=True):
    """A request to a subresource that is connected to. Header names are as sent, looked up in any case."""

    method: str
    path: str
    """Of the whole request, decoded."""
    subpath: str
    """What follows the subresource, with its leading slash; "" for nothing."""
    query: Mapping[str, Sequence[str]]
    query_string: str
    headers: Headers
    read_body: Callable[[int], Awaitable[bytes | None]]
    """The body if it is not longer than so many bytes, else None."""
    scheme: str = "https"
    host: str = ""
    remote: str = ""
    """The client's address."""

    def header(self, name: str) -> str:
        """The first value of a header, or ""."""
        values = self.header_values(name)
        return values[0] if values else ""

    def header_values(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def flag(self, name: str) -> bool:
        """A boolean parameter, as Go reads it out of url.Values: present and neither "false" nor "0"."""
        values = self.query.get(name)
        return bool(values) and values[0].lower() not in ("false", "0")  # type: ignore[index]

    @property
    def wants_upgrade(self) -> bool:
        """Whether the connection shall change its protocol."""
        return any("upgrade" in value.lower() for value in self.header_values("Connection"))

    @property
    def wants_websocket(self) -> bool:
        """Whether to WebSocket."""
        connection = [part.strip() for part in self.header("Connection").lower().split(",")]
        return self.header("Upgrade").lower() == "websocket" and "upgrade" in connection


class Content(Struct, frozen=True):
    """An ordinary answer. `foreign` ones come from behind the server and do not get its headers."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    foreign: bool = False


class Stream(Struct, frozen=True):
    """An answer whose body comes over time."""

    pieces: AsyncIterator[bytes]
    headers: Headers = ()
    status: int = 200


class Upgrade(Struct, frozen=True):
    """The connection changes its protocol and belongs to `serve`, until that returns."""

    headers: Headers
    serve: Callable[[Duplex], Awaitable[None]]


class Refusal(Struct, frozen=True):
    """An upgrade that what is behind the server refuses: sent as it is, and the connection ends."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=())


Reply = Content | Stream | Upgrade | Refusal
