"""Content-Type headers: what Go's mime package reads, and what it refuses."""

from __future__ import annotations

import pytest

from fakekube.machinery.mediatypes import media_type


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("application/json", "application/json"),
        (" Application/JSON ", "application/json"),
        ("application/json;charset=utf-8", "application/json"),
        ("application/json ; charset = utf-8 ; x=1", "application/json"),
        ('application/json; charset="utf-8"', "application/json"),
        (r'application/json; a="b;\"c"; d=e', "application/json"),
        ("application/json;", "application/json"),
        ("application/json; ", "application/json"),
        ("json", "json"),
        ("", ""),
        ("application/", ""),
        ("/json", ""),
        ("application/json/x", ""),
        ("application/js on", ""),
        ("application/json, text/plain", ""),
        ("application/json;x", ""),
        ("application/json;;charset=utf-8", ""),
        ("application/json;=x", ""),
        ("application/json;x=", ""),
        ('application/json;x="y', ""),
        ("application/json;x=1;X=2", ""),
    ],
)
def test_media_types(header: str, name: str) -> None:
    assert media_type(header) == name
