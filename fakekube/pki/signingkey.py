"""The key that service account tokens are signed with, and the documents that tell the world its public half.

RSA 2048, because that is what clients of OIDC discovery meet on real clusters. Making one takes a tenth of a second,
so that happens in a thread of its own (OpenSSL works without the interpreter's lock) while the server starts.
"""

from __future__ import annotations

import hashlib
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakekube.machinery.objects import Object
from fakekube.pki import files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

ALGORITHM = "RS256"
FILE_NAME = "sa.key"
JWKS_PATH = "/openid/v1/jwks"


class SigningKey:
    """The pair. `id` is the `kid` of tokens as Kubernetes derives it: a hash of the public key's DER form."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self.private = private
        self.public: RSAPublicKey = private.public_key()
        self.id = key_id(self.public)

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact JWT of those claims. Its header has no `typ`, as go-jose's has none."""
        import jwt

        ordered = {name: claims[name] for name in sorted(claims)}
        return jwt.encode(ordered, self.private, ALGORITHM, headers={"kid": self.id, "typ": None})


def key_id(public: RSAPublicKey) -> str:
    """base64url(SHA-256(SubjectPublicKeyInfo))."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _base64url(hashlib.sha256(der).digest())


def load_or_make_signing_key(cert_dir: Path | None = None) -> Future[SigningKey]:
    """The key of the folder, or a new one (kept there as sa.key, 0600); done in a background thread."""
    future: Future[SigningKey] = Future()

    def work() -> None:
        try:
            future.set_result(_load_or_make(cert_dir))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, name="fakekube-signing-key", daemon=True).start()
    return future


def _load_or_make(folder: Path | None) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from fakekube.pki.authority import private_pem

    kept = files.read(folder / FILE_NAME) if folder else None
    if kept is not None:
        key = load_pem_private_key(kept, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{FILE_NAME} does not hold an RSA key")
        return SigningKey(key)
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if folder:
        files.write_private(folder / FILE_NAME, private_pem(made))
    return SigningKey(made)


def jwks(keys: Iterable[SigningKey]) -> Object:
    """The document at /openid/v1/jwks."""
    return {"keys": [_jwk(key) for key in keys]}


def _jwk(key: SigningKey) -> Object:
    numbers = key.public.public_numbers()
    return {
        "use": "sig",
        "kty": "RSA",
        "kid": key.id,
        "alg": ALGORITHM,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def openid_configuration(issuer: str, jwks_uri: str) -> Object:
    """The document at /.well-known/openid-configuration; `jwks_uri` is JWKS_PATH on the advertised address."""
    return {
        "issuer": issuer,
        "jwks_uri": jwks_uri,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
