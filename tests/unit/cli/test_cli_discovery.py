"""Resources by any of their names."""

from __future__ import annotations

from fakekube.cli.discovery import find, index_of

PODS = {"name": "pods", "kind": "Pod", "namespaced": True, "shortNames": ["po"], "verbs": ["get"]}
LOG = {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": ["get"]}
EVENTS = {"name": "events", "kind": "Event", "namespaced": True, "verbs": ["list"]}
NODES = {"name": "nodes", "kind": "Node", "singularName": "node", "verbs": ["list"]}
INDEX = index_of(
    [
        ("", {"groupVersion": "v1", "resources": [PODS, LOG, EVENTS, NODES]}),
        ("events.k8s.io", {"groupVersion": "events.k8s.io/v1", "resources": [EVENTS]}),
    ]
)


def test_names() -> None:
    assert {known.plural for name in ("pods", "pod", "po", "Pod") if (known := find(INDEX, name))} == {"pods"}
    assert find(INDEX, "pods", "log") is not None
    assert find(INDEX, "pods", "exec") is None
    assert find(INDEX, "ships") is None


def test_the_first_group_counts_unless_another_is_named() -> None:
    first, other = find(INDEX, "events"), find(INDEX, "events.events.k8s.io")
    assert first is not None
    assert other is not None
    assert (first.group, other.group) == ("", "events.k8s.io")


def test_paths() -> None:
    pods, events, nodes = (find(INDEX, name) for name in ("po", "events.events.k8s.io", "node"))
    assert pods is not None
    assert events is not None
    assert nodes is not None
    assert pods.path() == "/api/v1/pods"
    assert pods.path("dev", "web") == "/api/v1/namespaces/dev/pods/web"
    assert events.path("dev") == "/apis/events.k8s.io/v1/namespaces/dev/events"
    assert nodes.path("dev", "n") == "/api/v1/nodes/n"
