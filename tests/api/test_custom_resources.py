"""Custom resources over HTTPS: what a definition says is served, judged, shown, and gone with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekube.testing import Cluster

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
DEFINITION: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "replicas": {"type": "integer", "default": 1, "maximum": 5},
                                    "colour": {"type": "string"},
                                },
                            },
                            "status": {"type": "object", "properties": {"replicas": {"type": "integer"}}},
                        },
                    }
                },
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
                },
                "additionalPrinterColumns": [{"name": "Colour", "type": "string", "jsonPath": ".spec.colour"}],
            }
        ],
    },
}


def widget(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def defined(cluster: Cluster, definition: dict[str, Any] = DEFINITION) -> None:
    assert cluster.admin.request("POST", CRDS, definition).status == 201
    until(lambda: cluster.admin.request("GET", WIDGETS).status == 200)


def test_watches_begin_with_their_definition_and_see_its_end(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("a"))
    old = fakekube.admin.request("GET", f"{WIDGETS}?watch=1&resourceVersion=1&timeoutSeconds=1")
    assert old.json()["object"]["reason"] == "Expired"
    listed = fakekube.admin.request("GET", WIDGETS).json()["metadata"]["resourceVersion"]
    fakekube.admin.request("DELETE", f"{CRDS}/widgets.example.com")
    until(lambda: fakekube.admin.request("GET", WIDGETS).status == 404)
    defined(fakekube)
    since = fakekube.admin.request("GET", f"{WIDGETS}?watch=1&resourceVersion={listed}&timeoutSeconds=1")
    assert since.json()["object"]["code"] == 410


def test_a_watch_sees_what_goes_with_the_definition(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("a"))
    with ThreadPoolExecutor() as pool:
        watch = pool.submit(fakekube.admin.request, "GET", f"{WIDGETS}?watch=1&timeoutSeconds=20")
        until(lambda: any("watch=1" in decision.uri for decision in fakekube.requests))
        fakekube.admin.request("DELETE", f"{CRDS}/widgets.example.com")
        lines = watch.result(30).text.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["ADDED", "DELETED"]


def test_objects_are_pruned_defaulted_and_judged(fakekube: Cluster) -> None:
    defined(fakekube)
    made = fakekube.admin.request("POST", WIDGETS, widget("a", colour="red", unknown=1)).json()
    assert made["spec"] == {"colour": "red", "replicas": 1}
    refused = fakekube.admin.request("POST", WIDGETS, widget("b", replicas=6)).json()
    assert refused["message"] == (
        'Widget.example.com "b" is invalid: spec.replicas: Invalid value: 6: '
        "spec.replicas in body should be less than or equal to 5"
    )


def test_subresources_change_their_part_only(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("a"))
    whole = fakekube.admin.request("GET", f"{WIDGETS}/a").json()
    changed = {**whole, "spec": {"replicas": 3}, "status": {"replicas": 2}}
    shown = fakekube.admin.request("PUT", f"{WIDGETS}/a/status", changed).json()
    assert (shown["spec"], shown["status"]) == ({"replicas": 1}, {"replicas": 2})
    scale = fakekube.admin.request("GET", f"{WIDGETS}/a/scale").json()
    assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 2})


def test_objects_go_with_their_definition(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("a"))
    assert fakekube.admin.request("GET", "/apis/example.com").status == 200
    fakekube.admin.request("DELETE", f"{CRDS}/widgets.example.com")
    until(lambda: fakekube.admin.request("GET", f"{CRDS}/widgets.example.com").status == 404)
    assert fakekube.admin.request("GET", WIDGETS).status == 404
    defined(fakekube)
    assert fakekube.admin.request("GET", WIDGETS).json()["items"] == []


def test_a_reset_forgets_definitions(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.reset()
    assert fakekube.admin.request("GET", WIDGETS).status == 404


def test_a_namespace_takes_its_custom_resources_along(fakekube: Cluster) -> None:
    defined(fakekube)
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "short-lived"}}
    assert fakekube.admin.request("POST", "/api/v1/namespaces", space).status == 201
    widgets = WIDGETS.replace("default", "short-lived")
    assert fakekube.admin.request("POST", widgets, widget("w")).status == 201
    assert fakekube.admin.request("DELETE", "/api/v1/namespaces/short-lived").status == 200
    fakekube.clock.advance(seconds=10)
    until(lambda: fakekube.admin.get("/api/v1/namespaces/short-lived").status == 404)
    assert fakekube.admin.get(f"{widgets}/w").status == 404
