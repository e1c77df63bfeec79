"""Startup, readiness and liveness probes. Follows pkg/kubelet/prober and pkg/probe of v1.20.

`Counter` decides by the thresholds; `outcome` asks a process; a `Prober` does so time and again on the world's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from fakekube.machinery.objects import Object
from fakekube.node.expansion import expand
from fakekube.node.state import Attempt
from fakekube.runtime.clock import Clock, Timer
from fakekube.sandbox.containers import HttpRequest, Process

KINDS = {"startupProbe": "startup", "readinessProbe": "readiness", "livenessProbe": "liveness"}
LONGEST_OUTPUT = 10 * 1024
USER_AGENT = "kube-probe/1.20"


class Result(NamedTuple):
    """What one probe found; `error`: it could not be made, which counts as nothing."""

    success: bool
    output: str = ""
    error: bool = False


class Counter(Struct):
    """How often in a row the result has been the same, and since when it counts."""

    failures: int
    successes: int
    last: bool | None = None
    times: int = 0

    def observe(self, success: bool, times: int = 1) -> bool | None:
        """The result once it has come often enough, else None."""
        self.times = self.times + times if success == self.last else times
        self.last = success
        return success if self.times >= (self.successes if success else self.failures) else None


def counter(probe: Object) -> Counter:
    """A counter by the probe's thresholds."""
    return Counter(int(probe.get("failureThreshold") or 3), int(probe.get("successThreshold") or 1))


async def outcome(probe: Object, container: Object, process: Process, pod_ip: str) -> Result:
    """Make the probe once."""
    if command := probe.get("exec"):
        return await _command(command, container, process)
    for name, made in (("httpGet", _http), ("tcpSocket", _tcp)):
        if action := probe.get(name):
            try:
                port = port_number(action["port"], container)
            except ValueError as error:
                return Result(False, str(error), error=True)
            return await made(action, port, process, pod_ip)
    return Result(False, f"missing probe handler for {container['name']}", error=True)


async def _command(action: Object, container: Object, process: Process) -> Result:
    values = {one["name"]: one.get("value", "") for one in container.get("env") or ()}
    done = await process.run([expand(part, values) for part in action.get("command") or ()])
    return Result(done.exit_code == 0, done.output[:LONGEST_OUTPUT].decode(errors="replace"))


async def _http(action: Object, port: int, process: Process, pod_ip: str) -> Result:
    headers = [(one["name"], one.get("value", "")) for one in action.get("httpHeaders") or ()]
    if not any(name.lower() == "user-agent" for name, _ in headers):
        headers.append(("User-Agent", USER_AGENT))
    scheme, path = action.get("scheme", "HTTP").lower(), action.get("path") or "/"
    host = f"{action.get('host') or pod_ip}:{port}"
    path = path if path.startswith("/") else f"/{path}"
    try:
        answer = await process.http(
            HttpRequest(port, "GET", path, headers, scheme=scheme, host=action.get("host") or "")
        )
    except ConnectionRefusedError:
        return Result(False, f'Get "{scheme}://{host}{path}": dial tcp {host}: connect: connection refused')
    if 200 <= answer.status < 400:
        return Result(True)
    return Result(False, f"HTTP probe failed with statuscode: {answer.status}")


async def _tcp(action: Object, port: int, process: Process, pod_ip: str) -> Result:
    if process.listens(port):
        return Result(True)
    return Result(False, f"dial tcp {action.get('host') or pod_ip}:{port}: connect: connection refused")


def port_number(port: int | str, container: Object) -> int:
    """A port by number or by its name in the container. Raises ValueError."""
    named = {one.get("name"): one["containerPort"] for one in container.get("ports") or ()}
    if isinstance(port, str):
        if port not in named and not port.isdigit():
            raise ValueError(f'strconv.Atoi: parsing "{port}": invalid syntax')
        port = int(named.get(port, port))
    if not 0 < port < 65536:
        raise ValueError(f"invalid port number: {port}")
    return port


Verdict = Callable[[str, bool], None]
"""(kind of probe, result): the result counts."""
Complain = Callable[[str, str], None]
"""(kind of probe, message): one probe has failed."""


class Prober:
    """One probe of one attempt, made every period. Ticks that a jump of the clock has passed over count as well."""

    def __init__(
        self, field: str, attempt: Attempt, pod_ip: str, clock: Clock, verdict: Verdict, complain: Complain
    ) -> None:
        self._kind = KINDS[field]
        self._probe = attempt.spec[field]
        self._attempt = attempt
        self._pod_ip = pod_ip
        self._clock = clock
        self._verdict = verdict
        self._complain = complain
        self._counter = counter(self._probe)
        self._period = float(self._probe.get("periodSeconds") or 10)
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, after the initial delay."""
        self._schedule(float(self._probe.get("initialDelaySeconds") or 0))

    def stop(self) -> None:
        """End, even in the midst of a probe."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def busy(self) -> bool:
        """Whether a probe is being made."""
        return self._task is not None and not self._task.done()

    def _schedule(self, delay: float) -> None:
        self._timer = self._clock.call_later(delay, self._tick)

    def _tick(self) -> None:
        assert self._timer is not None
        late = max(self._clock.now() - self._timer.due, 0.0)
        passed = int(late // self._period)
        self._schedule(self._period - (late - passed * self._period))
        if self._applies() and not self.busy:
            self._task = asyncio.get_running_loop().create_task(self._make(1 + passed))

    def _applies(self) -> bool:
        """A startup probe ends with its success; the others wait for it."""
        if self._attempt.stop is not None or not self._attempt.running:
            return False
        if self._kind == "startup":
            return not self._attempt.started_up
        return bool(self._attempt.started_up) or "startupProbe" not in self._attempt.spec

    async def _make(self, times: int) -> None:
        result = await self._in_time()
        if not self._attempt.running:
            return
        if not result.success:
            word = "errored" if result.error else "failed"
            self._complain(self._kind, f"{self._kind.capitalize()} probe {word}: {result.output}")
        if not result.error and (counts := self._counter.observe(result.success, times)) is not None:
            self._verdict(self._kind, counts)

    async def _in_time(self) -> Result:
        """The outcome, or a failure once the probe's timeout has passed."""
        assert self._attempt.process is not None
        making = asyncio.ensure_future(outcome(self._probe, self._attempt.spec, self._attempt.process, self._pod_ip))
        timer = self._clock.call_later(float(self._probe.get("timeoutSeconds") or 1), lambda: _cancel(making))
        try:
            await asyncio.wait((making,))
            return Result(False, self._timeout_text()) if making.cancelled() else making.result()
        finally:
            timer.cancel()
            making.cancel()

    def _timeout_text(self) -> str:
        if not (action := self._probe.get("httpGet")):
            return ""
        url = f"{action.get('scheme', 'HTTP').lower()}://{self._pod_ip}:{action['port']}{action.get('path') or '/'}"
        return f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'


def _cancel(making: asyncio.Future[Result]) -> None:
    making.cancel()
