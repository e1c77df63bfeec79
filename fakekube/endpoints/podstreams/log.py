"""pods/log: the lines that a container wrote. Follows the kubelet's GetKubeletContainerLogs and kuberuntime/logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from msgspec import Struct

from fakekube.endpoints.connection import Call, Content, Reply, Stream
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate, websocketstreams
from fakekube.machinery import status, times
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid
from fakekube.machinery.objects import key_of
from fakekube.registry.scope import Scope
from fakekube.sandbox.logs import Line, Log

TEXT = (("Content-Type", "text/plain"),)


class Options(Struct, frozen=True):
    """PodLogOptions."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since_seconds: int | None = None
    since_time: int | None = None
    """Nanoseconds since the epoch."""
    tail: int | None = None
    limit: int | None = None


async def log(scope: Scope, call: Call, services: Services) -> Reply:
    """The log of a container. Raises BadRequest (400), NotFound (404), Invalid (422), InternalError (500)."""
    options = _read(call)
    if errors := list(_errors(options)):
        raise status.invalid("", "PodLogOptions", scope.name, errors)
    pod = locate.pod_of(scope, services)
    container = locate.container_of(pod, options.container)
    if not pod["spec"].get("nodeName"):
        return Content(204)
    host = locate.assigned_host(pod, services)
    where = f"https://{host.name}:{host.port}/containerLogs/{scope.namespace}/{scope.name}/{container}"
    nodes = locate.nodes(host, services, f'Get "{where}": ')
    found = nodes.container(key_of(pod), container, previous=options.previous)
    if found is None:
        raise status.bad_request(nodes.why_no_log(key_of(pod), container, previous=options.previous))
    since = _since(options, services)
    if options.follow and not call.wants_websocket:
        return Stream(follow(found.log, options, since), TEXT)
    if options.follow:
        return websocketstreams.reading(call, follow(found.log, options, since))
    complete = finished(found.log)
    found.log.shown = found.log.end - (len(found.log.lines()) - len(complete))
    lines = tailed(complete, options.tail)
    if call.wants_websocket:
        return websocketstreams.reading(call, _each(render(lines, options, since, options.limit)))
    return Content(200, TEXT, b"".join(render(lines, options, since, options.limit)))


async def _each(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _read(call: Call) -> Options:
    query = call.query
    return Options(
        container=_first(query, "container"),
        follow=call.flag("follow"),
        previous=call.flag("previous"),
        timestamps=call.flag("timestamps"),
        since_seconds=_number(query, "sinceSeconds"),
        since_time=_time(query),
        tail=_number(query, "tailLines"),
        limit=_number(query, "limitBytes"),
    )


def _first(query: Mapping[str, Sequence[str]], name: str) -> str:
    return (query.get(name) or [""])[0]


def _number(query: Mapping[str, Sequence[str]], name: str) -> int | None:
    text = _first(query, name)
    if not text:
        return None
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise status.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if not -(2**63) <= int(text) < 2**63:
        raise status.bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _time(query: Mapping[str, Sequence[str]]) -> int | None:
    text = _first(query, "sinceTime")
    if not text or text == "null":
        return None
    try:
        return times.parse(text)
    except ValueError as error:
        raise status.bad_request(str(error)) from None


def _errors(options: Options) -> Iterator[FieldError]:
    if options.tail is not None and options.tail < 0:
        yield invalid(Path("tailLines"), options.tail, "must be greater than or equal to 0")
    if options.limit is not None and options.limit < 1:
        yield invalid(Path("limitBytes"), options.limit, "must be greater than 0")
    if options.since_seconds is not None and options.since_time is not None:
        yield forbidden(Path("[]"), "at most one of `sinceTime` or `sinceSeconds` may be specified")
    elif options.since_seconds is not None and options.since_seconds < 1:
        yield invalid(Path("sinceSeconds"), options.since_seconds, "must be greater than 0")


def _since(options: Options, services: Services) -> int:
    if options.since_seconds is not None:
        return int((services.registry.clock.now() - options.since_seconds) * 1e9)
    return options.since_time or 0


def tailed(lines: Sequence[Line], tail: int | None) -> Sequence[Line]:
    """The last lines."""
    return lines if tail is None else lines[max(len(lines) - tail, 0) :]


def render(lines: Sequence[Line], options: Options, since: int, room: int | None) -> Iterator[bytes]:
    """The lines as they are sent, cut off after so many bytes."""
    for line in lines:
        if line.nanoseconds < since:
            continue
        text = line.data
        if options.timestamps:
            text = f"{_stamp(line.nanoseconds)} ".encode() + text
        if room is not None:
            text = text[:room]
            room -= len(text)
        yield text
        if room == 0:
            return


def finished(found: Log, start: int = 0) -> list[Line]:
    """The lines from a position on that are complete: the runtime holds an unfinished one back until the end."""
    lines = found.lines(start)
    if lines and not found.closed and not lines[-1].data.endswith(b"\n"):
        lines.pop()
    return lines


async def follow(found: Log, options: Options, since: int) -> AsyncIterator[bytes]:
    """What is there and what comes, until the container has ended or enough is sent."""
    start, room = 0, options.limit
    if options.tail is not None:
        start = max(found.end - options.tail, 0)
    while True:
        changed, closed, end = found.changed(), found.closed, found.end
        lines = finished(found, start)
        start = end - (len(found.lines(start)) - len(lines))
        for text in render(lines, options, since, room):
            yield text
            room = None if room is None else room - len(text)
        if closed or room == 0:
            return
        await changed


def _stamp(nanoseconds: int) -> str:
    """RFC 3339 with nine digits."""
    seconds, rest = divmod(nanoseconds, times.SECOND)
    return f"{times.format_time(seconds)[:-1]}.{rest:09}Z"
