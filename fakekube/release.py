"""What a release says of itself."""

from __future__ import annotations

import platform
import sys

from fakekube.machinery.objects import Object

RELEASES = {"1.20": ("v1.20.2", "faecb196815e248d3ecfb03c680a4507229c2a56", "2021-01-13T13:20:00Z")}
"""Release -> (version, commit, build date) of the kube-apiserver that it is."""


def version(release: str) -> Object:
    """The document at /version. Raises ValueError for a release that is not known."""
    if release not in RELEASES:
        raise ValueError(f"unknown Kubernetes version {release!r}; known: {', '.join(RELEASES)}")
    major, minor = release.split(".")
    name, commit, date = RELEASES[release]
    return {
        "major": major,
        "minor": minor,
        "gitVersion": name,
        "gitCommit": commit,
        "gitTreeState": "archive",
        "buildDate": date,
        "goVersion": "go1.19.8",
        "compiler": "gc",
        "platform": f"{sys.platform}/{MACHINES.get(platform.machine(), platform.machine())}",
    }


MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
