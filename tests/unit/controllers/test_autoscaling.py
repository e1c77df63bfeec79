from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.autoscaling.horizontalpodautoscalers import RESOURCE as AUTOSCALERS
from fakekube.controllers import autoscaling
from fakekube.machinery.objects import Key, Object

CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}


def autoscaler(**spec: Any) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    whole = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 4, "metrics": [CPU], **spec}
    return {"metadata": {"name": "hpa", "namespace": "ns"}, "spec": whole, "status": {}}


@pytest.mark.parametrize(
    ("replicas", "scaled", "reasons", "conditions"),
    [
        (1, 2, ["SuccessfulRescale"], {"AbleToScale": "SucceededRescale"}),
        (9, 4, ["SuccessfulRescale"], {"AbleToScale": "SucceededRescale"}),
        (0, 0, [], {"AbleToScale": "SucceededGetScale", "ScalingActive": "ScalingDisabled"}),
        (3, 3, ["FailedGetResourceMetric", "FailedComputeMetricsReplicas"],
         {"AbleToScale": "SucceededGetScale", "ScalingActive": "FailedGetResourceMetric"}),
        (None, None, ["FailedGetScale"], {"AbleToScale": "FailedGetScale"}),
    ],
)  # fmt: skip
async def test_without_metrics(
    replicas: int | None, scaled: int | None, reasons: list[str], conditions: dict[str, str]
) -> None:
    api = FakeClient()
    running = manager(api, (autoscaling.CONTROLLER,))
    running.start()
    if replicas is not None:
        await api.create(DEPLOYMENTS, {"metadata": {"name": "web", "namespace": "ns"}, "spec": {"replicas": replicas}})
    await api.create(AUTOSCALERS, autoscaler())
    api.clock.advance(autoscaling.PERIOD + 0.1)
    await running.idle()
    found, workload = api.get(AUTOSCALERS, Key("ns", "hpa")), api.get(DEPLOYMENTS, Key("ns", "web"))
    assert found is not None
    assert {one["type"]: one["reason"] for one in found["status"]["conditions"]} == conditions
    assert api.reasons() == reasons
    assert (workload and workload["spec"]["replicas"]) == scaled
    await running.stop()


@pytest.mark.parametrize(("metric", "text"), [
    ({"type": "Pods", "pods": {"metric": {"name": "m"}}}, "unable to get metric m: unable to fetch"),
    ({"type": "Object", "object": {"metric": {"name": "m"}, "describedObject": {"kind": "Service", "name": "s"},
      "target": {"type": "Value"}}}, "unable to get metric m: Service on ns s/unable to fetch"),
    ({"type": "External", "external": {"metric": {"name": "m"}, "target": {"value": "1"}}},
     "unable to get external metric ns/m/nil: unable to fetch"),
    ({"type": "Other"}, 'unknown metric source type "Other"'),
])  # fmt: skip
def test_what_is_missing_of_each_metric(metric: Object, text: str) -> None:
    assert autoscaling.trouble_of(metric, "ns").text.startswith(text)
