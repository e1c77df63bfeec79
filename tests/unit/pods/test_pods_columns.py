"""The Table of pods."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.core.pods import RESOURCE
from fakekube.apis.core.pods.columns import readiness_gates, ready, restarts, status

Status = dict[str, Any]


def container(state: dict[str, Any], ready: bool = False, restarts: int = 0) -> Status:
    return {"name": "c", "state": state, "ready": ready, "restartCount": restarts}


def pod(status: Status, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c"}, {"name": "d"}], "initContainers": [{"name": "i"}], **spec}
    return {"metadata": {"name": "p", **(metadata or {})}, "spec": spec, "status": status}


RUNNING = container({"running": {}}, ready=True)
DONE = container({"terminated": {"exitCode": 0, "reason": "Completed"}})
INIT_DONE = [container({"terminated": {"exitCode": 0}}, restarts=4)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"phase": "Pending"}, ("0/2", "Pending", 0)),
        ({"phase": "Failed", "reason": "Evicted"}, ("0/2", "Evicted", 0)),
        ({"phase": "Running", "containerStatuses": [RUNNING, RUNNING]}, ("2/2", "Running", 0)),
        (
            {
                "phase": "Pending",
                "containerStatuses": [container({"waiting": {"reason": "ImagePullBackOff"}}, restarts=3)],
            },
            ("0/2", "ImagePullBackOff", 3),
        ),
        ({"phase": "Running", "containerStatuses": [container({"waiting": {}})]}, ("0/2", "Running", 0)),
        (
            {"phase": "Failed", "containerStatuses": [container({"terminated": {"exitCode": 3}})]},
            ("0/2", "ExitCode:3", 0),
        ),
        ({"phase": "Failed", "containerStatuses": [container({"terminated": {"signal": 9}})]}, ("0/2", "Signal:9", 0)),
        ({"phase": "Running", "containerStatuses": [RUNNING, DONE]}, ("1/2", "NotReady", 0)),
        (
            {
                "phase": "Running",
                "containerStatuses": [DONE, RUNNING],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
            ("1/2", "Running", 0),
        ),
        ({"initContainerStatuses": INIT_DONE, "containerStatuses": [RUNNING]}, ("1/2", "", 0)),
        ({"initContainerStatuses": [container({"running": {}}, restarts=2)]}, ("0/2", "Init:0/1", 2)),
        ({"initContainerStatuses": [container({"waiting": {"reason": "PodInitializing"}})]}, ("0/2", "Init:0/1", 0)),
        (
            {"initContainerStatuses": [container({"waiting": {"reason": "ErrImagePull"}})]},
            ("0/2", "Init:ErrImagePull", 0),
        ),
        ({"initContainerStatuses": [container({"terminated": {"exitCode": 1}})]}, ("0/2", "Init:ExitCode:1", 0)),
        (
            {"initContainerStatuses": [container({"terminated": {"exitCode": 1, "signal": 9}})]},
            ("0/2", "Init:Signal:9", 0),
        ),
        (
            {"initContainerStatuses": [container({"terminated": {"exitCode": 1, "reason": "Error"}})]},
            ("0/2", "Init:Error", 0),
        ),
    ],
)
def test_a_row(given: Status, shown: tuple[str, str, int]) -> None:
    made = pod(given)
    assert (ready(made, 0), status(made, 0), restarts(made, 0)) == shown


@pytest.mark.parametrize(("reason", "shown"), [("", "Terminating"), ("NodeLost", "Unknown")])
def test_a_pod_that_is_being_deleted(reason: str, shown: str) -> None:
    assert status(pod({"phase": "Running", "reason": reason}, {"deletionTimestamp": "x"}), 0) == shown


@pytest.mark.parametrize(
    ("gates", "conditions", "shown"),
    [
        ([], [], "<none>"),
        ([{"conditionType": "a"}], [], "0/1"),
        ([{"conditionType": "a"}, {"conditionType": "b"}], [{"type": "a", "status": "True"}], "1/2"),
    ],
)
def test_readiness_gates(gates: list[Any], conditions: list[Any], shown: str) -> None:
    assert readiness_gates(pod({"conditions": conditions}, readinessGates=gates), 0) == shown


def test_wide_columns_are_never_empty() -> None:
    cells = {column.name: column.value(pod({}), 0) for column in RESOURCE.columns if not isinstance(column.value, str)}
    assert {name: cells[name] for name in ("IP", "Node", "Nominated Node")} == {
        "IP": "<none>",
        "Node": "<none>",
        "Nominated Node": "<none>",
    }
    assert [column.name for column in RESOURCE.columns if column.priority == 0] == [
        "Name", "Ready", "Status", "Restarts", "Age",
    ]  # fmt: skip
