"""postStart and preStop hooks. Follows pkg/kubelet/lifecycle/handlers.go of v1.20."""

from __future__ import annotations

import json

from fakekube.machinery.objects import Object
from fakekube.node.failures import pod_text
from fakekube.node.probes import port_number
from fakekube.node.state import Attempt, Run
from fakekube.sandbox.containers import HttpRequest


async def run_hook(hook: Object, attempt: Attempt, run: Run) -> str:
    """Run it; gives what went wrong, or ""."""
    if command := hook.get("exec"):
        return await _exec(command.get("command") or [], attempt, run)
    if request := hook.get("httpGet"):
        return await _http(request, attempt, run)
    return "Cannot run handler: invalid handler"


async def _exec(command: list[str], attempt: Attempt, run: Run) -> str:
    assert attempt.process is not None
    done = await attempt.process.run(command)
    if done.exit_code == 0:
        return ""
    output = json.dumps(done.output.decode(errors="replace"), ensure_ascii=False)
    error = f"command '{' '.join(command)}' exited with {done.exit_code}: {done.output.decode(errors='replace')}"
    return (
        f"Exec lifecycle hook ([{' '.join(command)}]) {_whose(attempt, run)} failed - error: {error}, message: {output}"
    )


async def _http(request: Object, attempt: Attempt, run: Run) -> str:
    assert attempt.process is not None
    path, host = request.get("path", ""), request.get("host") or run.ip
    prefix = f"Http lifecycle hook ({path}) {_whose(attempt, run)} failed - error: "
    try:
        port = port_number(request.get("port") or 80, attempt.spec)
    except ValueError:
        return f'{prefix}couldn\'t find port: {request["port"]} in {attempt.spec["name"]}, message: ""'
    url = f"http://{host}:{port}/{path}"
    try:
        await attempt.process.http(HttpRequest(port, path=f"/{path.lstrip('/')}", host=_elsewhere(host, run)))
    except ConnectionRefusedError:
        return f'{prefix}Get "{url}": dial tcp {host}:{port}: connect: connection refused, message: ""'
    return ""


def _elsewhere(host: str, run: Run) -> str:
    return "" if host == run.ip else host


def _whose(attempt: Attempt, run: Run) -> str:
    return f'for Container "{attempt.spec["name"]}" in Pod "{pod_text(run.pod)}"'
