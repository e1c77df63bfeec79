"""The kubeconfig that `fakekube serve` writes."""

from __future__ import annotations

import stat
from pathlib import Path

import yaml

from fakekube import pki
from fakekube.cli.serve import block_yaml, write_kubeconfig
from fakekube.pki import KeyPair


def test_a_kubeconfig_is_read_as_it_was_made(tmp_path: Path) -> None:
    document = pki.kubeconfig("https://[::1]:6443", b"ca", KeyPair(b"certificate", b"key"), namespace="x: y")
    path = write_kubeconfig(document, tmp_path / "kubeconfig")
    assert yaml.safe_load(path.read_text()) == document
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_empty_is_no_block() -> None:
    document = {"a": {}, "b": [], "c": [{"d": {"e": [{"f": "g"}]}}, {"h": "null"}]}
    assert yaml.safe_load("\n".join(block_yaml(document))) == document
