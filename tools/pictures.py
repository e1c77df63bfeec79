"""Makes docs/images: commands and what they print in a terminal, from a fresh server.

    python tools/pictures.py

Needs kubectl on the PATH or beside this Python, pexpect and rich (the extra `test`).
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
COLUMNS = 132


@dataclass(frozen=True)
class Picture:
    """Commands to show, and texts without which the picture would be wrong; those of `before` are run unseen."""

    name: str
    title: str
    shown: tuple[str, ...]
    texts: tuple[str, ...]
    before: tuple[str, ...] = ()


PICTURES = (
    Picture(
        "tour",
        "kubectl and fakekube",
        (
            "kubectl create deployment web --image=nginx --replicas=2",
            "kubectl rollout status deployment web",
            "kubectl get pods -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,NODE:.spec.nodeName",
            "kubectl exec deployment/web -- sh -c 'echo \"$(whoami) on $(hostname)\"; ls /var/run/secrets/*/*'",
            "kubectl auth can-i --list --as=alice | head -4",
            "kubectl get secrets --as=alice",
        ),
        (
            "successfully rolled out",
            "Running   fakekube-node-1",
            "root on web-",
            "selfsubjectaccessreviews",
            "(Forbidden)",
        ),
    ),
    Picture(
        "trace",
        "Why was I denied?",
        (
            "kubectl run web --image=nginx:1.19 --as=ann",
            "fakekube trace --user ann",
            "fakekube admission enable PodSecurityPolicy",
            "kubectl run web --image=nginx:1.19 --as=ben --as-group=dev",
            "fakekube trace --user ben --last 1",
        ),
        ("no rule allows it", "pod/web created", "no-root-policy: admits the pod with changes", '"runAsNonRoot":true'),
        (
            "kubectl create rolebinding ann-views --clusterrole=view --user=ann",
            "kubectl create rolebinding dev-edits --clusterrole=edit --group=dev",
            "kubectl create clusterrole psp --verb=use --resource=podsecuritypolicies.policy",
            "kubectl create rolebinding dev-psp --clusterrole=psp --group=dev",
            f"kubectl apply -f {ROOT}/scenarios/pod-security-policies/manifests/no-root-policy.yaml",
            "kubectl get namespaces --as=ben --as-group=dev",
        ),
    ),
)


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(exist_ok=True)
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            shot(picture, Path(folder)).save_svg(str(IMAGES / f"{picture.name}.svg"), title=picture.title)


def shot(picture: Picture, folder: Path) -> Console:
    """A recorded terminal in which the picture's commands have been run. Raises RuntimeError if a text is missing."""
    console = _played(picture, folder)
    shown = console.export_text(clear=False)
    if missing := [text for text in picture.texts if text not in shown]:
        raise RuntimeError(f"the picture {picture.name} does not show {missing[0]!r}:\n{shown}")
    return console


def _played(picture: Picture, folder: Path) -> Console:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    scripts = str(Path(sys.executable).parent)
    variables = {
        **os.environ, "HOME": str(folder), "KUBECONFIG": str(folder / "kubeconfig"), "TERM": "xterm-256color",
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
    }  # fmt: skip
    serve = ["-m", "fakekube", "serve", "--secure-port", "0", "--write-kubeconfig", variables["KUBECONFIG"]]
    server = pexpect.spawn(sys.executable, serve, env=variables, cwd=str(folder), encoding="utf-8")
    server.expect("export KUBECONFIG")
    try:
        for command in picture.before:
            printed_by(command, variables)
        for command in picture.shown:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            console.print(Text.from_ansi(printed_by(command, variables)), soft_wrap=False)
    finally:
        server.terminate()
        server.wait()
    return console


def printed_by(command: str, variables: dict[str, str]) -> str:
    """What it prints in a terminal, colours included."""
    shell = pexpect.spawn(
        "bash", ["-c", command], env=variables, encoding="utf-8", dimensions=(50, COLUMNS), timeout=60
    )
    shell.expect(pexpect.EOF)
    shell.wait()
    return str(shell.before).replace("\r\n", "\n").rstrip("\n")


if __name__ == "__main__":
    main()
