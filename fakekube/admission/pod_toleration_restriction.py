"""PodTolerationRestriction: what pods of a namespace tolerate, and may. Follows plugin/pkg/admission/podtolerationrestriction."""  # noqa: E501

from __future__ import annotations

from collections.abc import Sequence

from fakekube.admission import tolerations
from fakekube.admission.plugin import WRITES, On, Plugin, Wiring
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.pods.qos import qos_class
from fakekube.machinery import jsontext, status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

NAME = "PodTolerationRestriction"
DEFAULTS = "scheduler.alpha.kubernetes.io/defaultTolerations"
WHITELIST = "scheduler.alpha.kubernetes.io/tolerationsWhitelist"
MEMORY_PRESSURE: Object = {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}
VERSION = "podtolerationrestriction.admission.k8s.io/v1alpha1"


def make(_: Wiring, configuration: Object | None) -> Plugin:
    """The plugin; its configuration speaks for namespaces without annotations. Raises ValueError."""
    given = configuration or {"apiVersion": VERSION, "kind": "Configuration"}
    if (given.get("apiVersion"), given.get("kind")) != (VERSION, "Configuration"):
        raise ValueError(f'no kind "{given.get("kind")}" is registered for version "{given.get("apiVersion")}"')
    defaults, whitelist = given.get("default") or [], given.get("whitelist") or []

    def mutate(a: Attributes, client: Client) -> None:
        assert a.object is not None
        spec = a.object["spec"]
        extra: list[Object] = []
        if a.operation == CREATE:
            own = _annotated(a, client, DEFAULTS)
            extra += defaults if own is None else own
        if qos_class(spec) != "BestEffort":
            extra.append(MEMORY_PRESSURE)
        if extra:
            spec["tolerations"] = tolerations.merge(spec.get("tolerations") or [], extra)
        validate(a, client)

    def validate(a: Attributes, client: Client) -> None:
        given = (a.object or {})["spec"].get("tolerations") or []
        if not given:
            return
        own = _annotated(a, client, WHITELIST)
        allowed, whose = (whitelist, "cluster") if own is None else (own, "namespace")
        if not tolerations.allowed(given, allowed):
            why = "pod tolerations (possibly merged with namespace default tolerations) conflict with its"
            raise _plain(f"{why} {whose} whitelist")

    return Plugin(NAME, On(WRITES, frozenset({"pods"})), mutate, validate)


def _annotated(a: Attributes, client: Client, annotation: str) -> Sequence[Object] | None:
    """The tolerations in an annotation of the namespace, None if there is none."""
    namespace = client.get(NAMESPACES, Key("", a.namespace))
    if namespace is None:
        raise status.not_found("", NAMESPACES.plural, a.namespace)
    text = (namespace["metadata"].get("annotations") or {}).get(annotation)
    return None if text is None else parse(text)


def parse(text: str) -> list[Object]:
    """A JSON list of tolerations. Raises a 500 without a reason, in which the real plugin's plain errors end."""
    if not text:
        return []
    try:
        document = jsontext.loads(text.encode())
    except jsontext.JSONError as error:
        raise _plain(str(error)) from None
    if not isinstance(document, list):
        raise _plain(jsontext.mismatch(document, "[]v1.Toleration"))
    return [_toleration(one) for one in document]


def _toleration(value: object) -> Object:
    if not isinstance(value, dict):
        raise _plain(jsontext.mismatch(value, "v1.Toleration"))
    return {name: value[name] for name in tolerations.FIELDS if value.get(name) not in (None, "")}


def _plain(message: str) -> status.StatusError:
    return status.StatusError(status.failure(500, "", message))
