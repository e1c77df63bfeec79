"""CertificateSigningRequest. Follows pkg/apis/certificates and pkg/registry/certificates of v1.20."""

from __future__ import annotations

from fakekube.apis.certificates.requests import guess_signer
from fakekube.apis.certificates.validation import update_validator, validator
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import STATUS_VERBS, Column, MutateUpdate, Resource, Subresource, Version
from fakekube.apis.statuses import without_status
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.times import format_time

GROUP = "certificates.k8s.io"
OLD = deprecated(f"{GROUP}/v1beta1", "CertificateSigningRequest", "1.19", "1.22", f"{GROUP}/v1")
VERDICTS = ("Approved", "Denied")


def default_v1beta1(request: Object) -> None:
    """v1beta1 did not ask for usages and knew no signers."""
    spec = request.get("spec")
    if spec is None:
        spec = request["spec"] = {}
    if spec.get("usages") is None:
        spec["usages"] = ["digital signature", "key encipherment"]
    if spec.get("signerName") is None:
        spec["signerName"] = guess_signer(spec.get("request"), spec["usages"])
    for condition in (request.get("status") or {}).get("conditions") or ():
        if not condition.get("status"):
            condition["status"] = "True"


def prepare_create(request: Object) -> None:
    """No request is born approved."""
    if request.get("spec") is None:
        request["spec"] = {}
    request["status"] = {}


def sign(request: Object, user: UserInfo) -> None:
    """Who asks is who sends it, whatever the client says."""
    spec = request["spec"]
    for name in ("username", "uid", "groups", "extra"):
        spec.pop(name, None)
    said = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra.items()},
    }
    spec.update({name: value for name, value in said.items() if value})


def prepare_update(new: Object, old: Object) -> None:
    """A request never changes but through its subresources."""
    new["spec"], new["status"] = old["spec"], old.get("status", {})


def prepare_approval(new: Object, old: Object) -> None:
    """Approving writes conditions, nothing else."""
    conditions = (new.get("status") or {}).get("conditions")
    status = {name: value for name, value in (old.get("status") or {}).items() if name != "conditions"}
    new["spec"] = old["spec"]
    new["status"] = ({"conditions": conditions} if conditions else {}) | status


def prepare_status(version: str) -> MutateUpdate:
    """The status of a version: verdicts stay as they are; v1beta1 ignores it if one is added or removed."""

    def prepare(new: Object, old: Object) -> None:
        new["spec"] = old["spec"]
        status, before = dict(new.get("status") or {}), (old.get("status") or {}).get("conditions") or []
        conditions = list(status.get("conditions") or ())
        kept = [_keep(conditions, before, type_) for type_ in VERDICTS]
        status["conditions"] = conditions if all(kept) or version != "v1beta1" else before
        new["status"] = status

    return prepare


def _keep(conditions: list[Object], before: list[Object], type_: str) -> bool:
    """Put the old conditions of that type back; False if there are not as many of them."""
    places = [index for index, condition in enumerate(conditions) if condition.get("type") == type_]
    old = [condition for condition in before if condition.get("type") == type_]
    if len(places) != len(old):
        return False
    for index, condition in zip(places, old, strict=True):
        conditions[index] = condition
    return True


def stamp(new: Object, old: Object, now: float) -> None:
    """When a condition was written, and since when it has its status."""
    status = new.get("status") or {}
    before = (old.get("status") or {}).get("conditions") or []
    if status.get("conditions"):
        status["conditions"] = [_stamped(condition, before, format_time(now)) for condition in status["conditions"]]


def _stamped(condition: Object, before: list[Object], moment: str) -> Object:
    since = (
        old["lastTransitionTime"]
        for old in before
        if old.get("lastTransitionTime")
        and (old.get("type"), old.get("status")) == (condition.get("type"), condition.get("status"))
    )
    return {
        **condition,
        "lastUpdateTime": condition.get("lastUpdateTime") or moment,
        "lastTransitionTime": condition.get("lastTransitionTime") or next(since, moment),
    }


def _subresources() -> tuple[Subresource, ...]:
    return tuple(
        Subresource(
            name, STATUS_VERBS, versions=(version,), prepare_update=prepare, stamp=stamp,
            validate_update=update_validator(version, **{allowed: True}),
        )
        for version in ("v1", "v1beta1")
        for name, prepare, allowed in (
            ("approval", prepare_approval, "setting_verdicts"),
            ("status", prepare_status(version), "setting_certificate"),
        )
    )  # fmt: skip


def _condition(request: Object, _: float) -> str:
    status = request.get("status") or {}
    types = {condition.get("type") for condition in status.get("conditions") or ()}
    shown = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    return shown + (",Failed" if "Failed" in types else "") + (",Issued" if status.get("certificate") else "")


def _signer(request: Object, _: float) -> str:
    return request["spec"].get("signerName") or "<none>"


def signer_name(request: Object) -> str:
    """For field selectors."""
    name: str = request["spec"].get("signerName", "")
    return name


RESOURCE = Resource(
    group=GROUP,
    plural="certificatesigningrequests",
    kind="CertificateSigningRequest",
    versions=(
        Version("v1", since="1.19", validate=validator("v1"), validate_update=update_validator("v1")),
        Version("v1beta1", storage=True, until="1.22", defaults=default_v1beta1, deprecated=OLD),
    ),
    namespaced=False,
    short_names=("csr",),
    subresources=_subresources(),
    validate_name=path_segment,
    prepare_create=prepare_create,
    export=without_status,
    sign=sign,
    prepare_update=prepare_update,
    validate=validator("v1beta1"),
    validate_update=update_validator("v1beta1"),
    selectable={"spec.signerName": signer_name},
    columns=(
        NAME,
        AGE,
        Column("SignerName", "string", _signer),
        Column("Requestor", "string", ".spec.username"),
        Column("Condition", "string", _condition),
    ),
)
