"""`agnhost webhook`, with which Kubernetes' conformance suite tests admission webhooks.

Each path of it is one hook. A hook is a pure function of the request in an AdmissionReview and gives the response.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import orjson

from fakekube.machinery.objects import Object
from fakekube.sandbox.containers import HttpAnswer, HttpRequest

JSON = ("Content-Type", "application/json")
MARK = "webhook-e2e-test"
"""The label, or key of the data, whose value says what the hooks are to do."""
DISALLOWED, NOT_DELETABLE, HANGS = "webhook-disallow", "webhook-nondeletable", "wait-forever"
DELAY = 5.0
SLOW = "/always-allow-delay-5s"
ADDED_LABEL = "added-label"
INIT_CONTAINER = {"image": "webhook-added-image", "name": "webhook-added-init-container", "resources": {}}
ALLOWED: Object = {"allowed": True}


async def answer(request: HttpRequest) -> HttpAnswer:
    """What it says to an AdmissionReview of v1 or v1beta1; some take their time."""
    path = request.path.partition("?")[0]
    if path == "/readyz":
        return HttpAnswer(200, (), b"ok")
    hook = HOOKS.get(path)
    if hook is None:
        return HttpAnswer(404, (), b"404 page not found\n")
    try:
        review = orjson.loads(request.body)
        asked = review["request"]
        response = {**hook(asked), "uid": asked["uid"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return HttpAnswer(400, (), f"Request could not be decoded: {error}\n".encode())
    if path == "/pods" and _labels(asked).get(MARK) == HANGS:
        await asyncio.get_running_loop().create_future()
    if path == SLOW:
        await asyncio.sleep(DELAY)
    body = {"kind": review["kind"], "apiVersion": review["apiVersion"], "response": response}
    return HttpAnswer(200, (JSON,), orjson.dumps(body))


def _object(asked: Object) -> Object:
    """The object at hand: of a deletion the old one."""
    found: Object = asked["oldObject"] if asked["operation"] == "DELETE" else asked["object"]
    return found


def _labels(asked: Object) -> dict[str, str]:
    labels: dict[str, str] = _object(asked)["metadata"].get("labels") or {}
    return labels


def _denied(**status: Any) -> Object:
    return {"allowed": False, "status": {"metadata": {}, **status}}


def _patched(*operations: Object) -> Object:
    return {"allowed": True, "patchType": "JSONPatch", "patch": b64encode(orjson.dumps(operations)).decode()}


def always_deny(_: Object) -> Object:
    """No."""
    return _denied(message="this webhook denies all requests")


def always_allow(_: Object) -> Object:
    """Yes."""
    return {"allowed": True, "status": {"metadata": {}, "message": "this webhook allows all requests"}}


def add_label(asked: Object) -> Object:
    """Every object gets a label."""
    labels = _labels(asked)
    if labels.get(ADDED_LABEL) == "yes":
        return ALLOWED
    path, value = (f"/metadata/labels/{ADDED_LABEL}", "yes") if labels else ("/metadata/labels", {ADDED_LABEL: "yes"})
    return _patched({"op": "replace" if ADDED_LABEL in labels else "add", "path": path, "value": value})


def pods(asked: Object) -> Object:
    """No pod with the mark, or with a container that is named so."""
    why = []
    if _labels(asked).get(MARK) == DISALLOWED:
        why.append("the pod contains unwanted label;")
    containers = _object(asked)["spec"].get("containers") or ()
    why += ["the pod contains unwanted container name;" for one in containers if DISALLOWED in one["name"]]
    return _denied(message=" ".join(why)) if why else ALLOWED


def attaching(asked: Object) -> Object:
    """Nobody types into the first container of one pod."""
    options = asked["object"]
    guarded = asked["name"] == "to-be-attached-pod"
    if guarded and options.get("stdin") and options.get("container") == "container1":
        return _denied(message="attaching to pod 'to-be-attached-pod' is not allowed")
    return ALLOWED


def mutating_pods(asked: Object) -> Object:
    """One pod gets an init container."""
    pod = _object(asked)
    have = [one["name"] for one in pod["spec"].get("initContainers") or ()]
    if pod["metadata"].get("name") != "webhook-to-be-mutated" or INIT_CONTAINER["name"] in have:
        return ALLOWED
    return _patched({"op": "add", "path": "/spec/initContainers", "value": [INIT_CONTAINER]})


def _guarded_data(what: str, unwanted: str) -> Callable[[Object], Object]:
    """A hook that judges an object by the mark in its data."""

    def judge(asked: Object) -> Object:
        value = (_object(asked).get("data") or {}).get(MARK)
        if value == DISALLOWED and asked["operation"] in ("CREATE", "UPDATE"):
            return _denied(reason=f"the {what} contains {unwanted}")
        if value == NOT_DELETABLE and asked["operation"] == "DELETE":
            return _denied(reason=f"the {what} cannot be deleted because it contains unwanted key and value")
        return ALLOWED

    return judge


def mutating_data(asked: Object) -> Object:
    """Adds one key because of another; two such hooks build on each other."""
    data = _object(asked).get("data") or {}
    stages = {"mutation-start": "mutation-stage-1", "mutation-stage-1": "mutation-stage-2"}
    due = [added for wanted, added in stages.items() if data.get(wanted) == "yes"]
    return _patched({"op": "add", "path": f"/data/{due[-1]}", "value": "yes"}) if due else ALLOWED


def definitions(asked: Object) -> Object:
    """No CustomResourceDefinition with the mark."""
    unwanted = _labels(asked).get(MARK) == DISALLOWED
    return _denied(message="the crd contains unwanted label") if unwanted else ALLOWED


HOOKS: dict[str, Callable[[Object], Object]] = {
    SLOW: always_allow,
    "/always-deny": always_deny,
    "/add-label": add_label,
    "/pods": pods,
    "/pods/attach": attaching,
    "/mutating-pods": mutating_pods,
    "/configmaps": _guarded_data("configmap", "unwanted key and value"),
    "/mutating-configmaps": mutating_data,
    "/custom-resource": _guarded_data("custom resource", "unwanted data"),
    "/mutating-custom-resource": mutating_data,
    "/crd": definitions,
}
