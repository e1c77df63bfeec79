"""Keys, certificates and tokens: what the control plane proves its own and others' identity with.

The cryptography package is imported where it is used, never when these modules load: half of a second has to suffice
for a whole start.
"""

from __future__ import annotations

from fakekube.pki.authority import Authority, KeyPair, SigningRefused, parse_request
from fakekube.pki.files import read, write_private
from fakekube.pki.identities import Identities, kubeconfig, make_identities, serving_names
from fakekube.pki.signingkey import SigningKey, jwks, load_or_make_signing_key, openid_configuration

__all__ = [
    "Authority",
    "Identities",
    "KeyPair",
    "SigningKey",
    "SigningRefused",
    "jwks",
    "kubeconfig",
    "load_or_make_signing_key",
    "make_identities",
    "openid_configuration",
    "parse_request",
    "read",
    "serving_names",
    "write_private",
]
