"""Writes down what busybox answers to the scripts of tests/unit/sandbox/busybox.yaml; the sandbox must answer the same.

    tools/record_busybox.py PATH/TO/busybox [FILE]

Each script runs in a root of its own (so this needs root), with the applets in /bin, two users and an empty /tmp.
FILE holds further scripts, with lines of --- between them; they join those that are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).parent.parent / "tests/unit/sandbox/busybox.yaml"
ENVIRONMENT = {"PATH": "/bin", "HOME": "/root"}
PATIENCE = 10.0


class Dumper(yaml.SafeDumper):
    """Texts of several lines are written as they are."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text.rstrip("\n") and not text.startswith(" ") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, _text)


def build(root: Path, busybox: Path) -> None:
    """A small Linux that consists of busybox."""
    for folder in ("bin", "etc", "dev", "root"):
        (root / folder).mkdir()
    shutil.copy(busybox, root / "bin/busybox")
    for line in subprocess.run(["ldd", busybox], capture_output=True, text=True).stdout.split():
        if line.startswith("/") and Path(line).exists():
            (root / line[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(line, root / line[1:])
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        (root / "bin" / applet).unlink(missing_ok=True)
        (root / "bin" / applet).hardlink_to(root / "bin/busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    os.mknod(root / "dev/null", 0o20666, os.makedev(1, 3))
    os.mknod(root / "dev/zero", 0o20666, os.makedev(1, 5))


def record(root: Path, script: str) -> dict[str, Any]:
    """What it prints, errors included, and its exit code."""
    shutil.rmtree(root / "tmp", ignore_errors=True)
    (root / "tmp").mkdir()
    done = subprocess.run(
        ["chroot", root, "/bin/sh", "-c", script],
        executable=shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=ENVIRONMENT,
        timeout=PATIENCE,
    )
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return {"script": script, "output": done.stdout.decode().replace("/bin/sh: ", "sh: "), "code": code}


def main(busybox: str, *files: str) -> None:
    """Record all scripts anew."""
    scripts = [fact["script"] for fact in yaml.safe_load(FACTS.read_text())] if FACTS.exists() else []
    scripts += [script.strip("\n") for file in files for script in Path(file).read_text().split("\n---\n")]
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), Path(busybox))
        facts = [record(Path(folder), script) for script in dict.fromkeys(scripts)]
    FACTS.write_text(yaml.dump(facts, Dumper=Dumper, sort_keys=False, width=10_000, allow_unicode=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
