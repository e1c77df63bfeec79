"""Replays recordings of a real control plane against fresh servers and keeps the score.

    python tools/conformance.py [--check | --write] [--area A ...] REPLAY_TOOL

docs/conformance.json holds each area's best score, which is the floor: --check replays the areas that have one and
fails below it; --write raises it and writes docs/conformance.md. Areas that depend on time may fall a little below.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = ROOT / "docs" / "conformance.json"
PAGE = ROOT / "docs" / "conformance.md"
SCORE = re.compile(r"^(\S+): (\d+)/(\d+) exchanges equal, (\d+)/(\d+) cases whole", re.MULTILINE)
PLUGIN = re.compile(r"^about: '?PLUGINS=([\w,]+)", re.MULTILINE)
READY = "fakekube ready"
PATIENCE = "10"
"""Seconds that a step waits for what controllers do."""
LANES = 2
LONGEST = 400
"""Seconds after which a replay is given up."""
PORT = {"bootstrap": "17003"}
"""The recordings show this port as the service kubernetes' target."""
FLAGS = {
    "psp-fields": ["--enable-admission-plugins", "NodeRestriction,PodSecurityPolicy", "--nodes", "0"],
    "psp-select": ["--enable-admission-plugins", "NodeRestriction,PodSecurityPolicy", "--nodes", "0"],
    "psp-tutorial": ["--enable-admission-plugins", "NodeRestriction,PodSecurityPolicy", "--nodes", "0"],
    "nodes": ["--nodes", "2"],
}
NO_NODES = ["--nodes", "0"]
TIMED = {
    *("tutorial", "verbs", "watch", "authn", "authz", "tokens", "csr", "kinds-batch", "admission", "quota", "webhooks"),
    *("psp-select", "controllers", "gc", "scheduling", "nodes", "crd", "crd-schema"),
}
"""Areas with steps that wait for controllers."""
BY_KUBECTL = {"kubectl", "kubectl-auth", "kubectl-new"}
"""Not checked: they are about what a program prints, and Debian's kubectl 1.20.2 crashes and prints null maps."""
SLACK = 0.05
"""Share of a timed area's exchanges that may differ on a slow machine."""
KUBECTL = {"kubectl-new": "FAKEKUBE_KUBECTL_NEW"}
AREAS = [
    "smoke",
    "bootstrap",
    "tutorial",
    "meta",
    "verbs",
    "read",
    "patch",
    "apply",
    "watch",
    "authn",
    "authz",
    "tokens",
    "csr",
    "kinds-core",
    "kinds-apps",
    "kinds-batch",
    "kinds-net",
    "kinds-policy",
    "kinds-storage",
    "kinds-other",
    "crd",
    "crd-schema",
    "admission",
    "admission-optional",
    "quota",
    "webhooks",
    "psp-fields",
    "psp-select",
    "psp-tutorial",
    "controllers",
    "gc",
    "scheduling",
    "nodes",
    "kubectl",
    "kubectl-auth",
    "kubectl-new",
]

Score = tuple[int, int, int, int]
"""Exchanges equal, exchanges, cases whole, cases."""


def replay(tool: Path, area: str) -> Score:
    """The score of one area, each part of it on a server of its own."""
    parts = [_on_a_server(tool, area, flags, chosen) for flags, chosen in _parts(tool, area)]
    equal, total, whole, cases = (sum(column) for column in zip(*parts, strict=True))
    return equal, total, whole, cases


def _parts(tool: Path, area: str) -> Iterator[tuple[list[str], list[str]]]:
    """(server's flags, what of the area to replay): optional plugins are on for their own cases alone."""
    if area != "admission-optional":
        yield FLAGS.get(area, NO_NODES), ["--area", area]
        return
    for case in sorted((tool.parent / "cases" / area).glob("*.yaml")):
        found = PLUGIN.search(case.read_text())
        plugins = ["--enable-admission-plugins", found[1]] if found else []
        yield [*NO_NODES, *plugins], ["--case", f"{area}/{case.stem}"]


def _on_a_server(tool: Path, area: str, flags: list[str], chosen: list[str]) -> Score:
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        command = [sys.executable, "-m", "fakekube", "serve", "--secure-port", PORT.get(area, "0")]
        command += ["--write-kubeconfig", str(kubeconfig), *flags]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
        try:
            assert server.stdout is not None
            if READY not in server.stdout.readline():
                print(f"{area}: the server did not start with {flags}")
                return (0, 0, 0, 0)
            return _replayed(tool, area, kubeconfig, chosen)
        finally:
            server.kill()
            server.wait()


def _replayed(tool: Path, area: str, kubeconfig: Path, chosen: list[str]) -> Score:
    command = [
        sys.executable,
        str(tool),
        "replay",
        "--kubeconfig",
        str(kubeconfig),
        "--patience",
        PATIENCE,
        *chosen,
    ]
    variable = KUBECTL.get(area, "FAKEKUBE_KUBECTL_120")
    environment = {**os.environ, "KUBECTL": os.environ.get(variable, "kubectl")}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        print(f"{area}: given up after {LONGEST} s")
        return (0, 0, 0, 0)
    found = SCORE.search(done.stdout)
    return (0, 0, 0, 0) if found is None else tuple(map(int, found.groups()[1:]))  # type: ignore[return-value]


def page(scores: dict[str, Score]) -> str:
    """docs/conformance.md."""
    lines = [HEAD, "| area | exchanges equal | | cases whole |", "|---|---|---|---|"]
    for area, (equal, total, whole, cases) in scores.items():
        share = f"{100 * equal / total:.1f} %" if total else ""
        lines.append(f"| {area} | {equal} / {total} | {share} | {whole} / {cases} |")
    equal, total = sum(s[0] for s in scores.values()), sum(s[1] for s in scores.values())
    lines.append(f"| **all** | **{equal} / {total}** | **{100 * equal / max(total, 1):.1f} %** | |")
    return "\n".join([*lines, "", NOTES])


HEAD = """# Conformance

Requests that a real kube-apiserver v1.20.2 (with kube-controller-manager and kube-scheduler) answered are sent to a
fresh fakekube, and the answers compared field by field. `tools/conformance.py --write` keeps this page; CI fails when
an area falls below its figure here.
"""
NOTES = """What differs on purpose:

- Who accepts protobuf and JSON gets JSON, whichever comes first.
- JSON nested deeper than about 250 levels is refused; the real limit is 10,000.
- Column descriptions of Tables are left out.

What differs because it is not there yet, or for a reason that is no behaviour:

- Extension servers (an area of its own, not listed) are not served; definitions' groups have no APIServices.
- `crd`, `crd-schema`: no conversion by webhook; the defaults of a schema are not judged by it; fields without a value
  that an apply gives up are removed, where the real server refuses the null it leaves behind.
- `controllers`: cases that wait for more than ten seconds by their nature (a lost node, an autoscaler's next turn).
- `kubectl-auth`: the real server lists rules in random order.
"""


def main() -> int:
    """Run, print, and keep or check the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=Path)
    parser.add_argument("--area", action="append")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    floor: dict[str, list[int]] = json.loads(FLOOR.read_text()) if FLOOR.exists() else {}
    areas = arguments.area or ([area for area in floor if area not in BY_KUBECTL] if arguments.check else AREAS)
    with ThreadPoolExecutor(LANES) as pool:
        scores = dict(zip(areas, pool.map(lambda area: replay(arguments.tool.resolve(), area), areas), strict=True))
    below = []
    for area, (equal, total, whole, cases) in scores.items():
        best = floor.get(area, [0])[0]
        least = int(best * (1 - SLACK)) if area in TIMED else best
        print(f"{area}: {equal}/{total} exchanges equal (floor {least}), {whole}/{cases} cases whole")
        if equal < least:
            below.append(area)
        elif equal >= best:
            floor[area] = [equal, total, whole, cases]
    if arguments.write:
        kept = {area: floor[area] for area in AREAS if area in floor}
        FLOOR.write_text("{\n" + ",\n".join(f'  "{area}": {json.dumps(kept[area])}' for area in kept) + "\n}\n")
        _, heading, suite = PAGE.read_text().partition("\n## ")  # other tools write the sections
        PAGE.write_text(page({area: (s[0], s[1], s[2], s[3]) for area, s in kept.items()}) + heading + suite)
    if below and arguments.check:
        print(f"below the floor: {', '.join(below)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
