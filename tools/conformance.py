# ruff: noqa: E501
"""Replays recordings of a real control plane against fresh servers, an area each, and keeps the score.

    python tools/conformance.py [--check | --write] [--area A ...] REPLAY_TOOL

The floor (docs/conformance-floor.json: area -> exchanges equal) only rises: --check fails when an area falls below it,
--write raises it and writes docs/conformance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = ROOT / "docs" / "conformance-floor.json"
PAGE = ROOT / "docs" / "conformance.md"
SCORE = re.compile(r"^(\S+): (\d+)/(\d+) exchanges equal, (\d+)/(\d+) cases whole", re.MULTILINE)
READY = "fakekube ready"
PATIENCE = "2"
LANES = 2
RECORDED_PORT = "17003"
"""The bootstrap area's recordings show this port as the service kubernetes' target."""
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
    "admission",
    "quota",
    "controllers",
    "gc",
    "scheduling",
    "kubectl",
    "kubectl-auth",
    "kubectl-new",
]
"""Areas whose features exist at least in part."""

Score = tuple[int, int, int, int]
"""Exchanges equal, exchanges, cases whole, cases."""


def replay(tool: Path, area: str) -> Score:
    """The score of one area on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        port = RECORDED_PORT if area == "bootstrap" else "0"
        command = [sys.executable, "-m", "fakekube", "serve", "--secure-port", port]
        command += ["--write-kubeconfig", str(kubeconfig)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
        try:
            assert server.stdout is not None
            if READY not in server.stdout.readline():
                raise SystemExit(f"{area}: the server did not start")
            return _replay(tool, area, kubeconfig)
        finally:
            server.terminate()
            server.wait(10)


def _replay(tool: Path, area: str, kubeconfig: Path) -> Score:
    command = [sys.executable, str(tool), "replay", "--kubeconfig", str(kubeconfig), "--area", area]
    command += ["--patience", PATIENCE]
    variable = "FAKEKUBE_KUBECTL_NEW" if area == "kubectl-new" else "FAKEKUBE_KUBECTL_120"
    environment = {**os.environ, "KUBECTL": os.environ.get(variable, "kubectl")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    found = SCORE.search(done.stdout)
    return (0, 0, 0, 0) if found is None else tuple(map(int, found.groups()[1:]))  # type: ignore[return-value]


def page(scores: dict[str, Score]) -> str:
    """docs/conformance.md."""
    lines = [
        "# Conformance",
        "",
        "Requests that a real kube-apiserver v1.20.2 (with kube-controller-manager and kube-scheduler) answered are sent to a",
        "fresh fakekube, and the answers compared field by field. `tools/conformance.py` writes this page; the floor in",
        "`conformance-floor.json` only rises.",
        "",
        "| area | exchanges equal | | cases whole |",
        "|---|---|---|---|",
    ]
    for area, (equal, total, whole, cases) in scores.items():
        share = f"{100 * equal / total:.1f} %" if total else ""
        lines.append(f"| {area} | {equal} / {total} | {share} | {whole} / {cases} |")
    equal, total = sum(s[0] for s in scores.values()), sum(s[1] for s in scores.values())
    lines.append(f"| **all** | **{equal} / {total}** | **{100 * equal / max(total, 1):.1f} %** | |")
    return "\n".join([*lines, "", NOTES])


NOTES = """What differs on purpose:

- Objects are never sent as `application/vnd.kubernetes.protobuf`; who offers JSON beside it gets JSON, who offers nothing
  else gets a 406. Discovery and the OpenAPI document are served in their protobuf forms.
- JSON nested deeper than about 250 levels is refused; the real limit is 10,000.
- Column descriptions of Tables are left out.
"""


def main() -> int:
    """Run, print, and keep or check the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=Path)
    parser.add_argument("--area", action="append")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    areas = arguments.area or AREAS
    with ThreadPoolExecutor(LANES) as pool:
        scores = dict(zip(areas, pool.map(lambda area: replay(arguments.tool.resolve(), area), areas), strict=True))
    floor = json.loads(FLOOR.read_text()) if FLOOR.exists() else {}
    below = []
    for area, (equal, total, whole, cases) in scores.items():
        print(f"{area}: {equal}/{total} exchanges equal (floor {floor.get(area, 0)}), {whole}/{cases} cases whole")
        if equal < floor.get(area, 0):
            below.append(area)
    if arguments.write:
        raised = {**floor, **{area: max(score[0], floor.get(area, 0)) for area, score in scores.items()}}
        FLOOR.write_text(json.dumps(raised, indent=1) + "\n")
        PAGE.write_text(page(scores))
    if below and arguments.check:
        print(f"below the floor: {', '.join(below)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
