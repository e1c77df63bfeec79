"""pods/log: the lines that a container wrote. Follows the kubelet's GetKubeletContainerLogs and kuberuntime/logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fakekube.endpoints.connection import Call, Content, Reply, Stream
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate
from fakekube.machinery import status, times
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope
from fakekube.sandbox.logs import Line, Log

TEXT = (("Content-Type", "text/plain"),)
IMAGE_PROBLEMS = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


@dataclass(frozen=True, slots=True)
class Options:
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
    kubelets = locate.kubelets(host, services, f'Get "{where}": ')
    container_id = log_of(pod, container, options.previous)
    found = kubelets.log(pod, container_id)
    if found is None:
        raise status.bad_request(f"unable to retrieve container logs for {container_id}")
    since = _since(options, services)
    if options.follow:
        return Stream(follow(found, options, since), TEXT)
    body = b"".join(render(tailed(finished(found), options.tail), options, since, options.limit))
    return Content(200, TEXT, body)


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


def log_of(pod: Object, container: str, previous: bool) -> str:
    """The ID of the container whose log is meant. Raises BadRequest (400): there is none yet, or none any more."""
    about = f'container "{container}" in pod "{pod["metadata"]["name"]}"'
    state = _status_of(pod, container)
    if state is None:
        raise status.bad_request(f"{about} is not available")
    now, last = state.get("state") or {}, (state.get("lastState") or {}).get("terminated")
    if previous:
        if last is None or not last.get("containerID"):
            raise status.bad_request(f"previous terminated {about} not found")
        return _id(last)
    if "running" in now:
        return _id(state)
    ended = [one for one in (now.get("terminated"), last) if one is not None]
    if ended:
        with_id = [one for one in ended if one.get("containerID")]
        if not with_id:
            raise status.bad_request(f"{about} is terminated")
        return _id(with_id[0])
    reason = (now.get("waiting") or {}).get("reason", "")
    if "waiting" not in now:
        raise status.bad_request(f"{about} is waiting to start - no logs yet")
    raise status.bad_request(f"{about} is waiting to start: {IMAGE_PROBLEMS.get(reason, reason)}")


def _id(holder: Object) -> str:
    found: str = holder.get("containerID", "")
    return found


def _status_of(pod: Object, container: str) -> Object | None:
    known = pod.get("status", {})
    every = [*(known.get("containerStatuses") or ()), *(known.get("initContainerStatuses") or ())]
    return next((one for one in every if one["name"] == container), None)


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
