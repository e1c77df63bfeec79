"""The names that the certificates API has for key usages. Follows controller/certificates/authority's policies."""

from __future__ import annotations

from collections.abc import Iterable

KEY_USAGES = {
    "signing": "digital_signature",
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "key agreement": "key_agreement",
    "data encipherment": "data_encipherment",
    "cert sign": "key_cert_sign",
    "crl sign": "crl_sign",
    "encipher only": "encipher_only",
    "decipher only": "decipher_only",
}
"""Usage -> the argument of cryptography's KeyUsage."""

EXTENDED_USAGES = {
    "any": "2.5.29.37.0",
    "server auth": "1.3.6.1.5.5.7.3.1",
    "client auth": "1.3.6.1.5.5.7.3.2",
    "code signing": "1.3.6.1.5.5.7.3.3",
    "email protection": "1.3.6.1.5.5.7.3.4",
    "s/mime": "1.3.6.1.5.5.7.3.4",
    "ipsec end system": "1.3.6.1.5.5.7.3.5",
    "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec user": "1.3.6.1.5.5.7.3.7",
    "timestamping": "1.3.6.1.5.5.7.3.8",
    "ocsp signing": "1.3.6.1.5.5.7.3.9",
    "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
    "netscape sgc": "2.16.840.1.113730.4.1",
}
"""Usage -> object identifier."""

_FLAGS = tuple(dict.fromkeys(KEY_USAGES.values()))
_ONLY_WITH_AGREEMENT = ("encipher_only", "decipher_only")


def key_usage_flags(usages: Iterable[str]) -> dict[str, bool]:
    """The arguments of cryptography's KeyUsage. X.509 knows the two `only` flags beside key agreement alone."""
    wanted = {KEY_USAGES[usage] for usage in usages if usage in KEY_USAGES}
    if "key_agreement" not in wanted:
        wanted.difference_update(_ONLY_WITH_AGREEMENT)
    return {flag: flag in wanted for flag in _FLAGS}


def extended_usages(usages: Iterable[str]) -> list[str]:
    """The object identifiers, once each, in the order that Go numbers them in."""
    wanted = {EXTENDED_USAGES[usage] for usage in usages if usage in EXTENDED_USAGES}
    return [identifier for identifier in dict.fromkeys(EXTENDED_USAGES.values()) if identifier in wanted]


def unknown_usages(usages: Iterable[str]) -> list[str]:
    """Those that are in neither table."""
    return [usage for usage in usages if usage not in KEY_USAGES and usage not in EXTENDED_USAGES]
