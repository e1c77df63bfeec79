"""PodNodeSelector: a namespace says on which nodes its pods run. Follows plugin/pkg/admission/podnodeselector."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.admission.plugin import On, Plugin, Wiring, forbidden
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.machinery import status
from fakekube.machinery.goformat import quote
from fakekube.machinery.names import label_value, qualified_name
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

NAME = "PodNodeSelector"
ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector"
DEFAULT = "clusterDefaultNodeSelector"
CONFLICT = "pod node label selector conflicts with its namespace node label selector"
NOT_ALLOWED = "pod node label selector labels conflict with its namespace whitelist"


def make(_: Wiring, configuration: Object | None) -> Plugin:
    """The plugin; its configuration has selectors by namespace, and one for namespaces that say nothing."""
    selectors: Mapping[str, str] = (configuration or {}).get("podNodeSelectorPluginConfig") or {}

    def mutate(a: Attributes, client: Client) -> None:
        assert a.object is not None
        wanted = _of_namespace(a, client, selectors)
        if merged := {**wanted, **_own(a, wanted)}:
            a.object["spec"]["nodeSelector"] = merged
        validate(a, client)

    def validate(a: Attributes, client: Client) -> None:
        own = _own(a, _of_namespace(a, client, selectors))
        allowed = _parsed(selectors.get(a.namespace, ""))
        if allowed and any(allowed.get(key) != value for key, value in own.items()):
            raise forbidden(a, NOT_ALLOWED)

    return Plugin(NAME, On(frozenset({CREATE}), frozenset({"pods"})), mutate, validate)


def _own(a: Attributes, wanted: Mapping[str, str]) -> dict[str, str]:
    """The pod's own selector. Raises Forbidden (403) if it contradicts the namespace's."""
    own: dict[str, str] = (a.object or {})["spec"].get("nodeSelector") or {}
    if any(own.get(key, value) != value for key, value in wanted.items()):
        raise forbidden(a, CONFLICT)
    return own


def _of_namespace(a: Attributes, client: Client, selectors: Mapping[str, str]) -> dict[str, str]:
    namespace = client.get(NAMESPACES, Key("", a.namespace))
    if namespace is None:
        raise status.internal_error(f"namespace {a.namespace} does not exist")
    text = (namespace["metadata"].get("annotations") or {}).get(ANNOTATION)
    return _parsed(selectors.get(DEFAULT, "") if text is None else text)


def _parsed(text: str) -> dict[str, str]:
    """ "a=b, c=d". Raises a 500 without a reason, in which the real plugin's plain errors end."""
    try:
        return parse(text)
    except ValueError as error:
        raise status.StatusError(status.failure(500, "", str(error))) from None


def parse(text: str) -> dict[str, str]:
    """The labels that a selector of equal signs asks for. Raises ValueError."""
    labels: dict[str, str] = {}
    for one in text.split(",") if text else ():
        parts = one.split("=")
        if len(parts) != 2:
            raise ValueError(f"invalid selector: [{' '.join(parts)}]")
        key, value = parts[0].strip(), parts[1].strip()
        if wrong := "; ".join(qualified_name(key)):
            raise ValueError(f"invalid label key {quote(key)}: {wrong}")
        if wrong := "; ".join(label_value(value)):
            raise ValueError(f"invalid label value: {quote(value)}: at key: {quote(key)}: {wrong}")
        labels[key] = value
    return labels
