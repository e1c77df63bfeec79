"""What Endpoints and EndpointSlices have in common: which pods a service has, at which ports, and since when.

Follows pkg/controller/util/endpoint of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.objects import created, key, labels_of, name_of, namespace_of, uid_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import format_time, parse_time
from fakekube.registry.client import Reader

HEADLESS = "service.kubernetes.io/headless"
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
TOLERATE_UNREADY = "service.alpha.kubernetes.io/tolerate-unready-endpoints"


def selected_by(service: Object, labels: dict[str, str]) -> bool:
    """Whether the service's selector, which may not be empty, takes these labels."""
    selector = service["spec"].get("selector")
    return bool(selector) and selector.items() <= labels.items()


def services_of(pod: Object, api: Reader) -> Iterable[Key]:
    """The services that select the pod."""
    labels = labels_of(pod)
    if not labels:
        return ()
    return [key(service) for service in api.list(SERVICES, namespace_of(pod)) if selected_by(service, labels)]


def pod_changed(old: Object | None, new: Object | None) -> bool:
    """Whether a pod's change shows in endpoints: its readiness, its addresses, its labels or its end."""
    return old is None or new is None or _shown(old) != _shown(new)


def _shown(pod: Object) -> tuple[object, ...]:
    spec = pod["spec"]
    return (
        labels_of(pod),
        (spec.get("hostname"), spec.get("subdomain")),
        pod["metadata"].get("deletionTimestamp"),
        podlib.is_ready(pod),
        pod_ips(pod),
    )


def pod_ips(pod: Object) -> list[str]:
    """status.podIPs."""
    return [address["ip"] for address in (pod.get("status") or {}).get("podIPs") or ()]


def pod_ip(pod: Object) -> str:
    """status.podIP, "" while it has none."""
    ip: str = (pod.get("status") or {}).get("podIP", "")
    return ip


def is_expected_to_run(pod: Object) -> bool:
    """Whether the pod is not over for good: a failed one may be restarted."""
    policy, phase = pod["spec"].get("restartPolicy"), podlib.phase_of(pod)
    if policy == "Never":
        return phase not in ("Failed", "Succeeded")
    return policy != "OnFailure" or phase != "Succeeded"


def target_port(pod: Object, port: Object) -> int | None:
    """The number that a service's port has in this pod; None: no container has a port of that name."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for container in pod["spec"]["containers"]:
        for offered in container.get("ports") or ():
            if offered.get("name") == target and offered.get("protocol", "TCP") == port.get("protocol", "TCP"):
                number: int = offered["containerPort"]
                return number
    return None


def ports_in(pod: Object, service: Object) -> Iterator[Object]:
    """The ports of the service that this pod has: {"name", "port", "protocol", "appProtocol"?}."""
    for port in service["spec"].get("ports") or ():
        number = target_port(pod, port)
        if number is not None:
            found = {"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")}
            yield {**found, **{name: port[name] for name in ("appProtocol",) if name in port}}


def hostname_in(pod: Object, service: Object) -> str:
    """The pod's host name, if the service is the subdomain that it wants to be found in."""
    spec = pod["spec"]
    host: str = spec.get("hostname", "")
    same = name_of(service) == spec.get("subdomain", "") and namespace_of(service) == namespace_of(pod)
    return host if host and same else ""


def target_ref(pod: Object) -> Object:
    """The reference to a pod that an address carries."""
    return {
        "kind": "Pod",
        "namespace": namespace_of(pod),
        "name": name_of(pod),
        "uid": uid_of(pod),
        "resourceVersion": pod["metadata"]["resourceVersion"],
    }


def is_headless(service: Object) -> bool:
    """Whether the service has no cluster IP."""
    return service["spec"].get("clusterIP", "") in ("", "None")


def is_ipv6(address: str) -> bool:
    """Whether it is an IPv6 address."""
    return ip_address(address).version == 6


class TriggerTimes:
    """When what led to a change of endpoints happened: remembers what each service was last made of."""

    def __init__(self) -> None:
        self._seen: dict[Key, dict[str, float]] = {}

    def observe(self, service: Object, pods: Sequence[Object]) -> str:
        """The moment for the annotation, RFC 3339; "" if there is nothing new. Remembers what it was given."""
        times = {name_of(pod): since for pod in pods if (since := _ready_change(pod)) is not None}
        before = self._seen.get(key(service))
        self._seen[key(service)] = times
        if before is None:
            return format_time(created(service))
        news = [since for name, since in times.items() if since > before.get(name, 0)]
        return format_time(min(news)) if news else ""

    def forget(self, service: Key) -> None:
        """The service is gone."""
        self._seen.pop(service, None)


def _ready_change(pod: Object) -> float | None:
    condition = find(conditions_of(pod), "Ready")
    moment = condition.get("lastTransitionTime") if condition is not None else None
    return parse_time(moment) if moment else None


def annotated(annotations: dict[str, str], moment: str) -> dict[str, str]:
    """The annotations with that trigger time, or without one."""
    kept = {name: text for name, text in annotations.items() if name != TRIGGER_TIME}
    return {**kept, TRIGGER_TIME: moment} if moment else kept
