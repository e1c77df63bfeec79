"""What quick imports change is as before afterwards."""

from __future__ import annotations

import gc
import os

import pytest

from fakekube.cli.serve import quick_imports


def test_everything_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "mine")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    with quick_imports():
        assert (os.environ["SSL_CERT_FILE"], gc.isenabled()) == (os.devnull, False)
    assert (os.environ["SSL_CERT_FILE"], "SSL_CERT_DIR" in os.environ, gc.isenabled()) == ("mine", False, True)
