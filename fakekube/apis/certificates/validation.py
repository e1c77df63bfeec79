"""What a CertificateSigningRequest has to look like, by the version that a client speaks and what was there before.

v1beta1 goes on taking what it has always taken. v1 is strict, but for faults that the stored object has already.
Follows pkg/apis/certificates/validation of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from fakekube.apis import again
from fakekube.apis.certificates.requests import (
    LEGACY_UNKNOWN,
    Unreadable,
    check_certificate,
    check_signature,
    decoded,
    parse,
)
from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from fakekube.machinery.goformat import Go, quote
from fakekube.machinery.names import dns_label, dns_subdomain, path_segment, size
from fakekube.machinery.objects import Object

SPEC, CONDITIONS, CERTIFICATE = Path("spec"), Path("status") / "conditions", Path("status") / "certificate"
APPROVED, DENIED, FAILED = "Approved", "Denied", "Failed"
STATUSES = ("False", "True", "Unknown")
EXCLUSIVE = "Approved and Denied conditions are mutually exclusive"
USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip
MAX_DOMAIN, MAX_SIGNER = 253, 571


class Options(Struct, frozen=True):
    """What is let through."""

    resetting_certificate: bool = False
    legacy_signer: bool = False
    duplicate_conditions: bool = False
    empty_condition: bool = False
    unknown_usages: bool = False
    duplicate_usages: bool = False
    both_verdicts: bool = False
    any_certificate: bool = False
    setting_verdicts: bool = False
    """Through the subresource approval alone."""
    setting_certificate: bool = False
    """Through the status alone."""


def validator(version: str) -> Callable[[Object], Iterator[FieldError]]:
    """The check of new requests of that version."""

    def validate(request: Object) -> Iterator[FieldError]:
        yield from again.created(request)
        yield from _all_but_metadata(request, _options(version, request, None))

    return validate


def update_validator(version: str, **allowed: bool) -> Callable[[Object, Object], Iterator[FieldError]]:
    """The check of updates through that version; `allowed` are Options that the path of the update adds."""

    def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
        options = _options(version, new, old, **allowed)
        yield from again.judged(new, namespaced=False, rule=path_segment)
        yield from _all_but_metadata(new, options)
        yield from _verdicts(new, old, options)
        yield from _certificate_update(_certificate(new), _certificate(old), options)
        yield from again.changed(new, old)

    return validate_update


def _options(version: str, new: Object, old: Object | None, **allowed: bool) -> Options:
    lenient = version == "v1beta1"
    types = [condition.get("type", "") for condition in _conditions(old)] if old else []
    usages = (old["spec"].get("usages") or []) if old else []
    same = old is not None and _certificate(new) == _certificate(old)
    return Options(
        resetting_certificate=lenient,
        legacy_signer=lenient or bool(old and old["spec"].get("signerName") == LEGACY_UNKNOWN),
        duplicate_conditions=lenient or len(set(types)) < len(types),
        empty_condition=lenient or "" in types,
        unknown_usages=lenient or any(usage not in USAGES for usage in usages),
        duplicate_usages=lenient or len(set(usages)) < len(usages),
        both_verdicts=APPROVED in types and DENIED in types,
        any_certificate=lenient or same or bool(old and _certificate_fault(old)),
        **allowed,
    )


def _conditions(request: Object) -> Sequence[Object]:
    return (request.get("status") or {}).get("conditions") or ()


def _certificate(request: Object) -> bytes:
    return decoded((request.get("status") or {}).get("certificate"))


def _certificate_fault(request: Object) -> str:
    try:
        check_certificate(_certificate(request))
    except Unreadable as error:
        return str(error)
    return ""


def _all_but_metadata(request: Object, options: Options) -> Iterator[FieldError]:
    spec = request["spec"]
    try:
        check_signature(parse(spec.get("request")))
    except Unreadable as error:
        yield invalid(SPEC / "request", Go(spec.get("request"), "[]byte"), str(error))
    yield from _usages(spec.get("usages") or (), options)
    signer = spec.get("signerName") or ""
    if signer == LEGACY_UNKNOWN and not options.legacy_signer:
        yield invalid(SPEC / "signerName", signer, "the legacy signerName is not allowed via this API version")
    else:
        yield from _signer_name(signer, SPEC / "signerName")
    yield from _each_condition(_conditions(request), options)
    if not options.any_certificate and (fault := _certificate_fault(request)):
        yield invalid(CERTIFICATE, "<certificate data>", fault)


def _usages(usages: Sequence[str], options: Options) -> Iterator[FieldError]:
    path = SPEC / "usages"
    if not usages:
        yield required(path, "usages must be provided")
    if not options.unknown_usages:
        unknown = ((index, usage) for index, usage in enumerate(usages) if usage not in USAGES)
        yield from (not_supported(path @ index, usage, USAGES) for index, usage in unknown)
    if not options.duplicate_usages:
        repeated = ((index, usage) for index, usage in enumerate(usages) if usage in usages[:index])
        yield from (duplicate(path @ index, usage) for index, usage in repeated)


def _each_condition(conditions: Sequence[Object], options: Options) -> Iterator[FieldError]:
    types = [condition.get("type", "") for condition in conditions]
    for index, type_ in enumerate(types):
        path, before = CONDITIONS @ index, types[:index]
        if not type_ and not options.empty_condition:
            yield required(path / "type")
        status = conditions[index].get("status", "")
        supported = ("True",) if type_ in (APPROVED, DENIED, FAILED) else STATUSES
        if not status:
            yield required(path / "status")
        elif status not in supported:
            yield not_supported(path / "status", status, supported)
        opposite = {APPROVED: DENIED, DENIED: APPROVED}.get(type_)
        if opposite in before and not options.both_verdicts:
            yield invalid(path / "type", type_, EXCLUSIVE)
        if type_ in before and not options.duplicate_conditions:
            yield duplicate(path / "type", type_)


def _signer_name(name: str, path: Path) -> Iterator[FieldError]:
    """A domain of two labels or more, a slash, and subdomains."""
    if not name:
        yield required(path, "signerName must be provided")
        return
    domain, slash, rest = name.partition("/")
    if not slash or "/" in rest:
        yield invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
        return
    if size(domain) > MAX_DOMAIN:
        yield too_long(path, MAX_DOMAIN)
    yield from _labels(domain, dns_label, path)
    if "." not in domain:
        yield invalid(path, domain, "should be a domain with at least two segments separated by dots")
    yield from _labels(rest, dns_subdomain, path)
    if size(name) > MAX_SIGNER:
        yield too_long(path, MAX_SIGNER)


def _labels(text: str, rule: Callable[[str], Iterator[str]], path: Path) -> Iterator[FieldError]:
    """The first wrong label is enough."""
    for label in text.split("."):
        if wrong := list(rule(label)):
            yield from (invalid(path, text, f"validating label {quote(label)}: {one}") for one in wrong)
            return


def _verdicts(new: Object, old: Object, options: Options) -> Iterator[FieldError]:
    """Approved, Denied and Failed are there to stay; only the subresource approval sets the first two."""
    found = {type_: (_of(new, type_), _of(old, type_)) for type_ in (APPROVED, DENIED, FAILED)}
    for type_, (now, before) in found.items():
        if len(now) < len(before):
            yield forbidden(CONDITIONS, f'updates may not remove a condition of type "{type_}"')
    if options.setting_verdicts:
        return
    for type_ in (APPROVED, DENIED):
        now, before = found[type_]
        if len(now) > len(before):
            yield forbidden(CONDITIONS, f'updates may not add a condition of type "{type_}"')
        elif len(now) == len(before) and now != before:
            yield forbidden(CONDITIONS, f'updates may not modify a condition of type "{type_}"\n')


def _of(request: Object, type_: str) -> list[Any]:
    return [condition for condition in _conditions(request) if condition.get("type") == type_]


def _certificate_update(new: bytes, old: bytes, options: Options) -> Iterator[FieldError]:
    if new == old:
        return
    if not options.setting_certificate:
        yield forbidden(CERTIFICATE, "updates may not set certificate content")
    elif old and not options.resetting_certificate:
        yield forbidden(CERTIFICATE, "updates may not modify existing certificate content")
