from __future__ import annotations

import base64

import pytest

from fakekube import pki
from fakekube.controllers import csrcleaner
from fakekube.controllers.shared import csr as requests
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError

STAMP, NOW = "2020-09-13T12:26:40Z", 1_600_000_000.0
GARBAGE = base64.b64encode(b"garbage").decode()


def csr(*conditions: str, certificate: str = "") -> Object:
    status: Object = {
        "conditions": [{"type": type_, "status": "True", "lastUpdateTime": STAMP} for type_ in conditions]
    }
    status["certificate"] = certificate
    return {"metadata": {"name": "c", "creationTimestamp": STAMP}, "spec": {"request": GARBAGE}, "status": status}


@pytest.mark.parametrize(("request_", "expiry"), [
    (csr(), NOW + 24 * 3600),
    (csr("Denied"), NOW + 3600),
    (csr("Failed"), NOW + 3600),
    (csr("Approved"), None),
    (csr("Approved", certificate=GARBAGE), NOW + 3600),
])  # fmt: skip
def test_when_a_request_is_to_go(request_: Object, expiry: float | None) -> None:
    assert csrcleaner.expiry(request_) == expiry


def test_a_certificate_that_has_ended_goes_with_its_request() -> None:
    pem = pki.Authority.make("ca", days=1, now=NOW - 3 * 86400).certificate_pem
    expiry = csrcleaner.expiry(csr("Approved", certificate=base64.b64encode(pem).decode()))
    assert expiry is not None
    assert expiry < NOW


def test_what_cannot_be_parsed_is_tried_again_quietly() -> None:
    with pytest.raises(StatusError):
        requests.parsed(csr())
