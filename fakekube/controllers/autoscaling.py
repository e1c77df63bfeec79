"""The horizontal pod autoscaler. Follows pkg/controller/podautoscaler of v1.20.

There are no metrics, as on a cluster without a metrics server: it keeps workloads within their bounds and says what it
misses. The real one looks every fifteen seconds; this one looks so long after something has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.apis.autoscaling.horizontalpodautoscalers import RESOURCE as AUTOSCALERS
from fakekube.apis.core.replicationcontrollers import RESOURCE as REPLICATIONCONTROLLERS
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller, Keys, Watch
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.objects import key, name_of, namespace_of, revised
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader

PERIOD = 15.0
EVENT_VERSION = "autoscaling/v2beta2"
"""The version that the events refer to."""
TARGETS: tuple[Resource, ...] = (DEPLOYMENTS, REPLICASETS, STATEFULSETS, REPLICATIONCONTROLLERS)
NOT_SERVED = "the server could not find the requested resource"
NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
NO_RESOURCE = f"unable to fetch metrics from resource metrics API: {NOT_SERVED} (get pods.metrics.k8s.io)"


class Trouble(Struct, frozen=True):
    """Why a metric tells nothing: the condition's reason, its text, and how the event about all metrics has it."""

    reason: str
    text: str
    outer: str = ""


def trouble_of(metric: Object, namespace: str) -> Trouble:
    """Why this metric cannot be had."""
    return METRICS[metric["type"]](metric, namespace) if metric["type"] in METRICS else _unknown(metric)


def _unknown(metric: Object) -> Trouble:
    return Trouble("InvalidMetricSourceType", f'unknown metric source type "{metric["type"]}"')


def _resource(metric: Object, _: str) -> Trouble:
    name = metric["resource"]["name"]
    text = f"failed to get {name} utilization: unable to get metrics for resource {name}: {NO_RESOURCE}"
    return Trouble("FailedGetResourceMetric", text)


def _container_resource(metric: Object, _: str) -> Trouble:
    name = metric["containerResource"]["name"]
    text = f"failed to get {name} utilization: unable to get metrics for resource {name}: {NO_RESOURCE}"
    return Trouble("FailedGetContainerResourceMetric", text)


def _pods(metric: Object, _: str) -> Trouble:
    text = f"unable to get metric {metric['pods']['metric']['name']}: {NO_CUSTOM}"
    return Trouble("FailedGetPodsMetric", text, f"failed to get pods metric value: {text}")


def _object(metric: Object, namespace: str) -> Trouble:
    source = metric["object"]
    name, about = source["metric"]["name"], source["describedObject"]
    place = f"{about['kind']} on {namespace} {about['name']}"
    text = f"unable to get metric {name}: {place}/{NO_CUSTOM}"  # sic: the arguments stand in that order
    inner = f"failed to get {name} object metric: {text}" if source["target"]["type"] == "AverageValue" else text
    return Trouble("FailedGetObjectMetric", text, f"failed to get object metric value: {inner}")


def _external(metric: Object, namespace: str) -> Trouble:
    source = metric["external"]
    name, selector = source["metric"]["name"], source["metric"].get("selector")
    shown = "nil" if selector is None else "&LabelSelector"
    missing = f"unable to fetch metrics from external metrics API: {NOT_SERVED} (get {name}.external.metrics.k8s.io)"
    text = f"unable to get external metric {namespace}/{name}/{shown}: {missing}"
    average = source["target"].get("averageValue") is not None
    outer = (
        f"failed to get {name} external metric: {text}" if average else f"failed to get external metric {name}: {text}"
    )
    return Trouble("FailedGetExternalMetric", text, outer)


METRICS = {
    "Resource": _resource,
    "ContainerResource": _container_resource,
    "Pods": _pods,
    "Object": _object,
    "External": _external,
}


def bounds(autoscaler: Object, current: int) -> tuple[int, str] | None:
    """(size, reason) where the workload is out of its bounds."""
    spec = autoscaler["spec"]
    if current > spec["maxReplicas"]:
        return int(spec["maxReplicas"]), "Current number of replicas above Spec.MaxReplicas"
    if current < spec.get("minReplicas", 1):
        return int(spec.get("minReplicas", 1)), "Current number of replicas below Spec.MinReplicas"
    return None


def with_condition(
    conditions: Sequence[Object], type_: str, status: str, reason: str, message: str, now: float
) -> list[Object]:
    """The conditions with that one; the time of its last transition stays with its status."""
    old = find(conditions, type_)
    kept = old is not None and old["status"] == status
    since = old["lastTransitionTime"] if old is not None and kept else format_time(now)
    new = {"type": type_, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
    if old is None:
        return [*conditions, new]
    return [new if condition is old else condition for condition in conditions]


class Sync:
    """One look at one autoscaler."""

    def __init__(self, autoscaler: Object, api: Client) -> None:
        self.autoscaler = autoscaler
        self.api = api
        self.status: Object = {"currentReplicas": 0, "desiredReplicas": 0, **(autoscaler.get("status") or {})}

    async def run(self) -> None:
        """Bring the workload within its bounds, or say what is missing. Raises StatusError."""
        found = self._target()
        if isinstance(found, str):
            await self._record("Warning", "FailedGetScale", found)
            text = f"the HPA controller was unable to get the target's current scale: {found}"
            self._condition("AbleToScale", "False", "FailedGetScale", text)
        else:
            text = "the HPA controller was able to get the target's current scale"
            self._condition("AbleToScale", "True", "SucceededGetScale", text)
            await self._scale(*found)
        if self.status != (self.autoscaler.get("status") or {}):
            await self.api.update(AUTOSCALERS, revised(self.autoscaler, status=self.status), "status")

    def _target(self) -> tuple[Resource, Object] | str:
        """The workload, or why it cannot be had."""
        ref = self.autoscaler["spec"]["scaleTargetRef"]
        group = ref.get("apiVersion", "").rpartition("/")[0]
        for resource in TARGETS:
            if (resource.group, resource.kind) == (group, ref["kind"]):
                workload = self.api.get(resource, Key(namespace_of(self.autoscaler), ref["name"]))
                name = f"{resource.plural}/scale" + (f".{group}" if group else "")
                return (resource, workload) if workload is not None else f'{name} "{ref["name"]}" not found'
        return f'no matches for kind "{ref["kind"]}" in group "{group}"'

    async def _scale(self, resource: Resource, workload: Object) -> None:
        current = int(workload["spec"].get("replicas", 1))
        self.status["currentReplicas"] = current
        wanted = bounds(self.autoscaler, current)
        if current == 0 and self.autoscaler["spec"].get("minReplicas", 1) != 0:
            text = "scaling is disabled since the replica count of the target is zero"
            self._condition("ScalingActive", "False", "ScalingDisabled", text)
            self.status["desiredReplicas"] = current
        elif wanted is None:
            await self._miss_metrics()
        else:
            await self._rescale(resource, workload, *wanted)

    async def _rescale(self, resource: Resource, workload: Object, size: int, reason: str) -> None:
        try:
            await self.api.update(resource, revised(workload, spec={**workload["spec"], "replicas": size}))
        except StatusError as error:
            text = f"New size: {size}; reason: {reason}; error: {error.message}"
            await self._record("Warning", "FailedRescale", text)
            text = f"the HPA controller was unable to update the target scale: {error.message}"
            self._condition("AbleToScale", "False", "FailedUpdateScale", text)
            return
        text = f"the HPA controller was able to update the target scale to {size}"
        self._condition("AbleToScale", "True", "SucceededRescale", text)
        await self._record("Normal", "SuccessfulRescale", f"New size: {size}; reason: {reason}")
        self.status.update(desiredReplicas=size, lastScaleTime=format_time(self.api.clock.now()))

    async def _miss_metrics(self) -> None:
        metrics = self.autoscaler["spec"].get("metrics") or ()
        troubles = [trouble_of(metric, namespace_of(self.autoscaler)) for metric in metrics]
        for trouble in troubles:
            await self._record("Warning", trouble.reason, trouble.text)
        if not troubles:
            return
        first = troubles[0]
        text = f"the HPA was unable to compute the replica count: {first.text}"
        self._condition("ScalingActive", "False", first.reason, text)
        count = f"{len(troubles)} invalid out of {len(troubles)}"
        text = f"invalid metrics ({count}), first error is: {first.outer or first.text}"
        await self._record("Warning", "FailedComputeMetricsReplicas", text)

    def _condition(self, type_: str, status: str, reason: str, message: str) -> None:
        conditions = conditions_of({"status": self.status})
        now = self.api.clock.now()
        self.status = {**self.status, "conditions": with_condition(conditions, type_, status, reason, message, now)}

    async def _record(self, type_: str, reason: str, message: str) -> None:
        await self.api.record({**self.autoscaler, "apiVersion": EVENT_VERSION}, type_, reason, message)


async def reconcile(name: Key, api: Client) -> None:
    """Look at one autoscaler. Raises StatusError."""
    autoscaler = api.get(AUTOSCALERS, name)
    if autoscaler is not None:
        await Sync(autoscaler, api).run()


def scaled_by(resource: Resource) -> Keys:
    """The autoscalers of a workload."""

    def keys(workload: Object, api: Reader) -> Iterable[Key]:
        for autoscaler in api.list(AUTOSCALERS, namespace_of(workload)):
            ref = autoscaler["spec"]["scaleTargetRef"]
            if (ref["kind"], ref["name"]) == (resource.kind, name_of(workload)):
                yield key(autoscaler)

    return keys


def _replicas_changed(old: Object | None, new: Object | None) -> bool:
    sizes = [obj and obj["spec"].get("replicas") for obj in (old, new)]
    return old is None or new is None or sizes[0] != sizes[1]


def _spec_changed(old: Object | None, new: Object | None) -> bool:
    return old is None or new is None or old["spec"] != new["spec"]


def _after_period(_: Object | None, __: Object | None, ___: Key, ____: float) -> float:
    return PERIOD


CONTROLLER = Controller(
    "horizontal-pod-autoscaler",
    (
        Watch(AUTOSCALERS, when=_spec_changed, delay=_after_period),
        *(Watch(target, scaled_by(target), _replicas_changed, _after_period) for target in TARGETS),
    ),
    reconcile,
)
