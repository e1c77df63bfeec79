"""What quick imports change is as before afterwards, and aiohttp can still be imported as a whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from fakekube.cli.serve import quick_imports

LATER = """
import sys
from fakekube.cli.serve import quick_imports
with quick_imports():
    import fakekube.cluster
assert not {"aiohttp", "aiohttp.client", "aiohttp.web"} & set(sys.modules), "more than the server"
import aiohttp
from aiohttp import web
from aiohttp.web_request import BaseRequest
assert aiohttp.ClientSession and aiohttp.__version__ and issubclass(web.Request, BaseRequest)
assert fakekube.cluster.BaseRequest is BaseRequest is web.BaseRequest
"""


def test_everything_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "mine")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    before = sys.modules.get("aiohttp")
    with quick_imports():
        assert os.environ["SSL_CERT_FILE"] == os.devnull
    assert (os.environ["SSL_CERT_FILE"], "SSL_CERT_DIR" in os.environ) == ("mine", False)
    assert sys.modules.get("aiohttp") is before


def test_the_rest_of_aiohttp_comes_when_it_is_asked_for() -> None:
    subprocess.run([sys.executable, "-c", LATER], check=True)
