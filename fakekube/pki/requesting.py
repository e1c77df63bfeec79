"""A certificate for a user, as anybody gets one: by a CertificateSigningRequest to whatever cluster.

Without I/O of its own: requests go through a function of the caller's.
"""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import quote

from fakekube.machinery.objects import Object
from fakekube.pki.authority import KeyPair, private_pem
from fakekube.pki.signers import API_SERVER_CLIENT

REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
PATIENCE = 15.0
"""Seconds that the signer may take."""

Ask = Callable[[str, str, Object | None], Object]
"""(method, path, body) -> the object that answers. What it raises for a refusal comes out of `obtain`."""


class NotSigned(Exception):
    """The signer refused, or nobody has signed in time; the text says which."""


def obtain(ask: Ask, name: str, groups: Sequence[str] = ()) -> KeyPair:
    """A key and its certificate for the user, approved with the rights of whoever asks; nothing is left in the cluster.

    Raises ValueError for names that no certificate can hold, NotSigned, and what `ask` raises.
    """
    key, request = make_request(name, groups)
    made = ask("POST", REQUESTS, _document(name, request))
    path = f"{REQUESTS}/{quote(made['metadata']['name'])}"
    try:
        ask("PUT", f"{path}/approval", _approved(made))
        return KeyPair(_signed(ask, path), key)
    finally:
        with suppress(Exception):  # who may not delete it has got what they came for
            ask("DELETE", path, None)


def make_request(name: str, groups: Sequence[str]) -> tuple[bytes, bytes]:
    """A new key and a request for a certificate, both PEM. Raises ValueError."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    attributes += [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, group) for group in groups]
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes)).sign(key, hashes.SHA256())
    return private_pem(key), request.public_bytes(serialization.Encoding.PEM)


def _document(name: str, request: bytes) -> Object:
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"generateName": "fakekube-user-", "annotations": {"fakekube.dev/user": name}},
        "spec": {
            "request": b64encode(request).decode(),
            "signerName": API_SERVER_CLIENT,
            "usages": ["client auth"],
        },
    }


def _approved(request: Object) -> Object:
    condition = {
        "type": "Approved",
        "status": "True",
        "reason": "FakekubeUserAdd",
        "message": "approved by whoever asked for the user",
    }
    return {**request, "status": {**(request.get("status") or {}), "conditions": [condition]}}


def _signed(ask: Ask, path: str) -> bytes:
    deadline, pause = time.monotonic() + PATIENCE, 0.002
    while True:
        status = ask("GET", path, None).get("status") or {}
        if status.get("certificate"):
            return b64decode(status["certificate"])
        for condition in status.get("conditions") or ():
            if condition.get("type") in ("Failed", "Denied"):
                raise NotSigned(f"the signer refused: {condition.get('message', '')}")
        if time.monotonic() > deadline:
            raise NotSigned(f"nobody has signed the certificate within {PATIENCE:.0f} s")
        time.sleep(pause)
        pause = min(2 * pause, 0.2)
