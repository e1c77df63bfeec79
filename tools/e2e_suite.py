"""Runs Kubernetes' own conformance suite (e2e.test of v1.20) against a fresh server and keeps what passes.

    python tools/e2e_suite.py [--only REGEX] [--lanes N] [--logs FOLDER] [--write] [GROUP ...]

A group is the first tag of a test's name: sig-auth, k8s.io, sig-storage… (default: all). The suite's program is given
by --suite or FAKEKUBE_E2E_TEST, kubectl 1.20 by FAKEKUBE_KUBECTL_120. --write merges the results into docs/e2e.json,
{group: {test: "" if it passes, else why not}}, and renews the section of docs/conformance.md; a reason that somebody
wrote there by hand stays as long as the test fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "e2e.json"
PAGE = ROOT / "docs" / "conformance.md"
READY = "fakekube ready"
SERVER = ["serve", "--secure-port", "0", "--nodes", "2"]
ALONE = re.compile(r"\[(Serial|Disruptive)\]")
"""Tests that want the cluster for themselves; the others share it, in lanes: they wait more than they work."""
LANES = 8
LONGEST = 3000
"""Seconds after which a lane is given up."""
TEST = re.compile(r"\[([\w.-]+)\].* \[Conformance\]$")
REPORT = re.compile(r'\{"msg":"(PASSED|FAILED) (.*?)","total"')
UNKNOWN = "(not looked into) "
HEADING = "## Kubernetes' own suite"

Results = dict[str, str]
"""Test -> why it fails, "" if it passes."""


def suite(program: str, *flags: str) -> list[str]:
    """The command line of e2e.test."""
    kubectl = os.environ.get("FAKEKUBE_KUBECTL_120", "kubectl")
    common = ["--provider=skeleton", "--kube-api-content-type=application/json", f"--kubectl-path={kubectl}"]
    return [program, *common, "--ginkgo.noColor", *flags]


def listed(program: str) -> list[str]:
    """The names of all conformance tests."""
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--ginkgo.dryRun", r"--ginkgo.focus=\[Conformance\]", f"--report-dir={folder}"]
        environment = {**os.environ, "KUBECONFIG": "/dev/null"}
        subprocess.run(suite(program, *flags), stdout=subprocess.DEVNULL, check=False, env=environment)
        report = ElementTree.parse(Path(folder) / "junit_01.xml")
    names = [case.get("name", "").strip() for case in report.iter("testcase") if case.find("skipped") is None]
    return sorted(name for name in names if TEST.match(name))


def play(program: str, tests: Sequence[str], kubeconfig: Path, log: Path) -> Results:
    """Run tests one after the other; those of which nothing is heard have failed. What is printed goes to `log`."""
    focus = "|".join(re.escape(name).replace("/", r"\/") for name in tests)
    command = ["timeout", str(LONGEST), *suite(program, f"--ginkgo.focus=({focus})$")]
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    found: Results = {}
    with (
        log.open("w") as copy,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run,
    ):
        assert run.stdout is not None
        for name, why in reports(_copied(run.stdout, copy)):
            found[name.strip()] = why
            print("pass" if not why else "FAIL", name, why, flush=True)
    return {name: found.get(name, UNKNOWN + "no result") for name in tests}


def _copied(lines: Iterable[str], copy: TextIO) -> Iterator[str]:
    for line in lines:
        copy.write(line)
        yield line


def reports(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(test, why it fails) from what the suite prints."""
    failure: list[str] = []
    collecting = False
    for line in lines:
        if "FAIL: " in line and not failure:
            collecting = True
        if line.startswith("Full Stack Trace"):
            collecting = False
        if collecting:
            failure.append(line.strip())
        if found := REPORT.match(line.lstrip("•")):
            why = UNKNOWN + reason(failure) if found[1] == "FAILED" else ""
            yield json.loads(f'"{found[2]}"'), why
            failure, collecting = [], False


def reason(failure: Sequence[str]) -> str:
    """One line of an assertion's many."""
    lines = [line.partition("FAIL: ")[2] or line for line in failure]
    lines = [line for line in lines if line and line != "occurred"]
    text = lines[-1] if lines and lines[0].startswith("Unexpected error") else " ".join(lines)
    return re.sub(r"\s+", " ", text)[:200]


def run(program: str, tests: Sequence[str], lanes: int, logs: Path) -> Results:
    """Run tests against one fresh server; `logs` is the folder for what it and the suite print."""
    logs.mkdir(parents=True, exist_ok=True)
    kubeconfig = logs / "kubeconfig"
    command = [sys.executable, "-m", "fakekube", *SERVER, "--write-kubeconfig", str(kubeconfig)]
    with (logs / "server.log").open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT)
    try:
        assert server.stdout is not None
        if READY not in server.stdout.readline():
            sys.exit("the server did not start")
        return _in_lanes(program, tests, lanes, kubeconfig)
    finally:
        server.kill()
        server.wait()


def _in_lanes(program: str, tests: Sequence[str], lanes: int, kubeconfig: Path) -> Results:
    shared = [name for name in tests if not ALONE.search(name)]
    alone = [name for name in tests if ALONE.search(name)]
    parts = [part for lane in range(lanes) if (part := shared[lane::lanes])]
    logs = [kubeconfig.with_name(f"lane-{number}.log") for number in range(len(parts))]
    found: Results = {}
    with ThreadPoolExecutor(lanes) as pool:
        for results in pool.map(lambda part, log: play(program, part, kubeconfig, log), parts, logs):
            found.update(results)
    last = play(program, alone, kubeconfig, kubeconfig.with_name("alone.log")) if alone else {}
    return {**found, **last}


def group(test: str) -> str:
    """The first tag of a test's name."""
    found = TEST.match(test)
    assert found is not None
    return found[1]


def merged(kept: dict[str, Results], new: Results) -> dict[str, Results]:
    """All results by group; what is known about a failure stays."""
    results = {name: dict(tests) for name, tests in kept.items()}
    for test, why in new.items():
        tests = results.setdefault(group(test), {})
        known = tests.get(test, "")
        tests[test] = known if why and known and not known.startswith(UNKNOWN) else why
    return {name: dict(sorted(tests.items())) for name, tests in sorted(results.items())}


def section(results: dict[str, Results]) -> str:
    """Of docs/conformance.md."""
    lines = [HEADING, "", ABOUT, "| group | tests passed |", "|---|---|"]
    for name, tests in results.items():
        lines.append(f"| {name} | {list(tests.values()).count('')} / {len(tests)} |")
    every = [why for tests in results.values() for why in tests.values()]
    lines += [f"| **all** | **{every.count('')} / {len(every)}** |", "", "What does not pass:", ""]
    lines += [f"- `{test}`: {why}" for tests in results.values() for test, why in tests.items() if why]
    return "\n".join(lines) + "\n"


ABOUT = """The conformance tests of Kubernetes v1.20's end-to-end suite, run by `tools/e2e_suite.py --write` against a
server with two simulated nodes. docs/e2e.json has each test.
"""


def keep(results: dict[str, Results]) -> None:
    """Write docs/e2e.json, and the section to the end of docs/conformance.md."""
    RESULTS.write_text(json.dumps(results, indent=0, ensure_ascii=False) + "\n")
    PAGE.write_text(PAGE.read_text().partition(f"\n{HEADING}")[0] + "\n" + section(results))


def main() -> int:
    """Run, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP")
    parser.add_argument("--suite", default=os.environ.get("FAKEKUBE_E2E_TEST", "e2e.test"))
    parser.add_argument("--only", type=re.compile, default="", metavar="REGEX", help="tests whose name has it")
    parser.add_argument("--lanes", type=int, default=LANES)
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep what the suite and the server print")
    parser.add_argument("--list", action="store_true", help="print the names of the tests only")
    parser.add_argument("--write", action="store_true", help="merge the results into docs/")
    arguments = parser.parse_args()
    tests = [name for name in listed(arguments.suite) if re.search(arguments.only, name)]
    tests = [name for name in tests if not arguments.groups or group(name) in arguments.groups]
    if arguments.list:
        print("\n".join(tests))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        new = run(arguments.suite, tests, arguments.lanes, arguments.logs or Path(folder))
    print(f"{list(new.values()).count('')} of {len(new)} passed")
    if arguments.write:
        keep(merged(json.loads(RESULTS.read_text()) if RESULTS.exists() else {}, new))
    return 0


if __name__ == "__main__":
    sys.exit(main())
