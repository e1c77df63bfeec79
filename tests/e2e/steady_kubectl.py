"""Runs the kubectl that KUBECTL_TO_STEADY names, again if it crashes with a trace of Go's own runtime.

Debian's build of 1.20.2 does so now and then. What it says on stderr comes when it has ended.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile

TRACE = re.compile(rb"^(goroutine \d+ \[|fatal error: |runtime: )", re.MULTILINE)
ATTEMPTS = 3


def run(command: list[str], data: bytes | None) -> tuple[int, bytes]:
    """The exit code and what it said on stderr."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(command, stdin=None if data is None else subprocess.PIPE, stderr=errors)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda number, _: child.send_signal(number))
        child.communicate(data)
        errors.seek(0)
        return child.returncode, errors.read()


def main() -> int:
    """Run it."""
    command = [os.environ["KUBECTL_TO_STEADY"], *sys.argv[1:]]
    if sys.stdin.isatty():
        os.execv(command[0], command)
    data = sys.stdin.buffer.read() if "-" in command else None
    for _ in range(ATTEMPTS):
        code, errors = run(command, data)
        if not (code and TRACE.search(errors)):
            break
    sys.stderr.buffer.write(errors)
    return code


if __name__ == "__main__":
    sys.exit(main())
