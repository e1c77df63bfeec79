"""SecurityContextDeny: no pod says as whom it runs. Follows plugin/pkg/admission/securitycontext/scdeny."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.admission.plugin import WRITES, On, Plugin, forbidden
from fakekube.apis.podspec.walk import init_and_containers
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

OF_POD = {
    "supplementalGroups": "SupplementalGroups", "seLinuxOptions": "SELinuxOptions", "runAsUser": "RunAsUser",
    "fsGroup": "FSGroup",
}  # fmt: skip
OF_CONTAINER = ("seLinuxOptions", "runAsUser")


def validate(a: Attributes, _: Client) -> None:
    """Raises Forbidden (403) for the first field that is set."""
    assert a.object is not None
    for field in set_fields(a.object["spec"]):
        raise forbidden(a, f"{field} is forbidden")


def set_fields(spec: Object) -> Iterator[str]:
    """The fields that are denied, as messages name them."""
    context = spec.get("securityContext") or {}
    yield from (
        f"pod.Spec.SecurityContext.{label}" for field, label in OF_POD.items() if context.get(field) is not None
    )
    for container in init_and_containers(spec):
        own = container.get("securityContext") or {}
        yield from (f"SecurityContext.{OF_POD[field]}" for field in OF_CONTAINER if own.get(field) is not None)


PLUGIN = Plugin("SecurityContextDeny", On(WRITES, frozenset({"pods"})), validate=validate)
