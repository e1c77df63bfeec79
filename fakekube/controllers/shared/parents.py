"""Whom a pod concerns: its controller, or those that might adopt it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Keys
from fakekube.controllers.shared.objects import controller_of, is_deleted, key, labels_of, namespace_of
from fakekube.machinery import selectors
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.selectors import Selector
from fakekube.registry.client import Reader


def label_selector(parent: Object) -> Selector:
    """spec.selector."""
    return selectors.from_object(parent["spec"].get("selector"))


def pod_keys(resource: Resource, selector: Callable[[Object], Selector] = label_selector) -> Keys:
    """The pod's controller, if it is of this kind; for an orphan all parents that might adopt it."""

    def keys(pod: Object, api: Reader) -> Iterable[Key]:
        ref = controller_of(pod)
        if ref is not None:
            return (Key(namespace_of(pod), ref["name"]),) if ref["kind"] == resource.kind else ()
        if is_deleted(pod) or not labels_of(pod):
            return ()
        parents = api.list(resource, namespace_of(pod))
        return [key(parent) for parent in parents if selector(parent).matches(labels_of(pod))]

    return keys
