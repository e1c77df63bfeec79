"""Options and bodies that few clients send, and what the real server says about them."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_custom_resources import DEFINITION, WIDGETS, defined, widget

if TYPE_CHECKING:
    from fakekube.testing import Cluster

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
META_SCHEME = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"
LEGACY = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"
EXTENSIONS = "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:52"


def message(response: Any) -> tuple[int, str]:
    return response.status, response.json().get("message", "")


def test_an_export_is_as_it_would_be_created(fakekube: Cluster) -> None:
    service = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    path = "/api/v1/namespaces/default/services"
    fakekube.admin.request("POST", path, service)
    exported = fakekube.admin.request("GET", f"{path}/s?export").json()
    assert exported["metadata"] == {
        "name": "s",
        "creationTimestamp": None,
        "managedFields": exported["metadata"]["managedFields"],
    }
    assert "clusterIP" not in exported["spec"]
    assert "nodePort" not in exported["spec"]["ports"][0]
    exact = fakekube.admin.request("GET", f"{path}/s?export=true&exact=1").json()
    assert exact["metadata"]["namespace"] == "default"
    assert exact["spec"]["clusterIP"]
    assert fakekube.admin.request("GET", f"{path}/s?export=false").json()["metadata"]["uid"]


@pytest.mark.parametrize(
    ("path", "plural"),
    [
        ("/api/v1/namespaces/default/pods/p/status", "pods"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles/view", "clusterroles"),
    ],
)
def test_what_cannot_be_exported(fakekube: Cluster, path: str, plural: str) -> None:
    assert message(fakekube.admin.request("GET", f"{path}?export=true")) == (
        400,
        f'export of "{plural}" is not supported',
    )


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        (
            f"{CONFIG_MAPS}/x",
            {"kind": "Pod"},
            f'no kind "Pod" is registered for version "meta.k8s.io/v1" in scheme "{META_SCHEME}"',
        ),
        (DEPLOYMENTS, {"kind": "Pod"}, f'no kind "Pod" is registered for version "apps/v1" in scheme "{LEGACY}"'),
        (
            DEPLOYMENTS,
            {"apiVersion": "example.com/v1", "kind": "DeleteOptions"},
            f'no kind "DeleteOptions" is registered for version "example.com/v1" in scheme "{LEGACY}"',
        ),
        (
            WIDGETS,
            {"kind": "Status"},
            "Object 'apiVersion' is missing in 'unstructured object has no version'",
        ),
        (
            WIDGETS,
            {"apiVersion": "apps/v1", "kind": "DeleteOptions"},
            f'no kind "DeleteOptions" is registered for version "apps/v1" in scheme "{EXTENSIONS}"',
        ),
        (
            WIDGETS,
            {"apiVersion": "meta.k8s.io/v1", "kind": "Status"},
            "converting (v1.Status) to (v1.DeleteOptions): unknown conversion",
        ),
    ],
)
def test_what_delete_options_are_not(fakekube: Cluster, path: str, body: dict[str, Any], text: str) -> None:
    defined(fakekube)
    assert message(fakekube.admin.request("DELETE", path, body)) == (500, text)


@pytest.mark.parametrize("body", [{}, {"kind": "DeleteOptions"}, {"apiVersion": "v1", "kind": "DeleteOptions"}])
def test_what_delete_options_are(fakekube: Cluster, body: dict[str, Any]) -> None:
    defined(fakekube)
    for path in (DEPLOYMENTS, WIDGETS):
        assert fakekube.admin.request("DELETE", path, body).status == 200


def test_preconditions_name_the_group_of_the_real_type(fakekube: Cluster) -> None:
    path = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"
    fakekube.admin.request("POST", path, {"metadata": {"name": "n"}, "spec": {"podSelector": {}}})
    status, text = message(fakekube.admin.request("DELETE", f"{path}/n", {"preconditions": {"uid": "x"}}))
    assert status == 409
    assert text.startswith('Operation cannot be fulfilled on NetworkPolicy.extensions "n": the UID in the precondition')


def test_custom_resources_ignore_what_follows_a_subresource(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("w"))
    assert fakekube.admin.request("GET", f"{WIDGETS}/w/status/x").json()["kind"] == "Widget"
    assert fakekube.admin.request("DELETE", f"{WIDGETS}/w/status/x").status == 405
    assert fakekube.admin.request("GET", f"{WIDGETS}/w/x/y").status == 404


def test_one_custom_resource_is_no_list(fakekube: Cluster) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("w"))
    accept = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}
    assert message(fakekube.admin.request("GET", f"{WIDGETS}/w", headers=accept)) == (500, "content is not a list")


def test_a_number_or_string_makes_managed_fields_forget_the_schema(fakekube: Cluster) -> None:
    definition = copy.deepcopy(DEFINITION)
    properties = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    properties["colours"] = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
    properties["port"] = {"x-kubernetes-int-or-string": True}
    defined(fakekube, definition)
    made = fakekube.admin.request("POST", WIDGETS, widget("w", colours=["red"])).json()
    assert made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:colours"] == {}
    merge = {"Content-Type": "application/merge-patch+json"}
    for labels in ({"a": "b"}, {"a": None}):
        made = fakekube.admin.request("PATCH", f"{WIDGETS}/w", {"metadata": {"labels": labels}}, headers=merge).json()
    assert "f:metadata" not in made["metadata"]["managedFields"][0]["fieldsV1"]


def test_the_old_proxy_paths_are_gone(fakekube: Cluster) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = fakekube.admin.request(method, "/api/v1/proxy/namespaces/default/pods")
        assert message(response) == (404, "the server could not find the requested resource")


def test_a_content_type_has_to_be_well_formed(fakekube: Cluster) -> None:
    body = {"metadata": {"name": "c"}}
    for content_type, status in (("application/json;x", 415), ("application/json; x=y", 201)):
        assert (
            fakekube.admin.request("POST", CONFIG_MAPS, body, headers={"Content-Type": content_type}).status == status
        )


@pytest.mark.parametrize(
    ("patch", "status", "text"),
    [
        ({"kind": None}, 422, "unmarshalerDecoder: Object 'Kind' is missing in '{"),
        ({"kind": 1}, 422, "json: cannot unmarshal number into Go struct field .kind of type string"),
        ({"apiVersion": None}, 500, "Object 'apiVersion' is missing in 'object has no apiVersion field'"),
        ({"apiVersion": "a/b/c"}, 422, "unexpected GroupVersion string: a/b/c"),
        ({"kind": "Other"}, 422, 'kind: Invalid value: "Other": must be Widget'),
    ],
)
def test_what_a_patch_makes_of_a_custom_resource(
    fakekube: Cluster, patch: dict[str, Any], status: int, text: str
) -> None:
    defined(fakekube)
    fakekube.admin.request("POST", WIDGETS, widget("w"))
    merge = {"Content-Type": "application/merge-patch+json"}
    found, shown = message(fakekube.admin.request("PATCH", f"{WIDGETS}/w", patch, headers=merge))
    assert found == status
    assert text in shown


def test_a_refused_patch_quotes_the_object_as_it_was_kept(fakekube: Cluster) -> None:
    fakekube.admin.request("POST", CONFIG_MAPS, {"metadata": {"name": "c"}})
    merge = {"Content-Type": "application/merge-patch+json"}
    patch = {"metadata": {"labels": [], "managedFields": [{"manager": "m", "operation": "Update"}]}}
    _, shown = message(fakekube.admin.request("PATCH", f"{CONFIG_MAPS}/c", patch, headers=merge))
    assert '"labels":[],"managedFields":[{"manager":"m","operation":"Up' in shown.rpartition("bigger context")[2]


def test_an_apply_to_the_status_of_what_is_not_there(fakekube: Cluster) -> None:
    absent = "/apis/apps/v1/namespaces/default/deployments/d/status?fieldManager=m"
    apply = {"Content-Type": "application/apply-patch+yaml"}
    assert fakekube.admin.request("PATCH", absent, "{", headers=apply).status == 404


def test_embedded_objects_say_what_they_are(fakekube: Cluster) -> None:
    definition = copy.deepcopy(DEFINITION)
    properties = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    properties["template"] = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    defined(fakekube, definition)
    empty = fakekube.admin.request("POST", WIDGETS, widget("w", template={"kind": "A_b"}))
    assert message(empty) == (
        422,
        'Widget.example.com "w" is invalid: [spec.template.apiVersion: Required value: must not be empty, '
        'spec.template.kind: Invalid value: "A_b": may have mixed case, but should otherwise match: a DNS-1035 label '
        "must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with "
        "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
        "'[a-z]([-a-z0-9]*[a-z0-9])?')]",
    )
    whole = widget("w", template={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}})
    assert fakekube.admin.request("POST", WIDGETS, whole).status == 201


@pytest.mark.fakekube(request_timeout=timedelta(milliseconds=50))
def test_what_takes_too_long_is_given_up(fakekube: Cluster) -> None:
    fakekube.faults.add(latency="5s")
    response = fakekube.admin.request("GET", CONFIG_MAPS)
    assert response.status == 504
    assert response.json() == {
        "metadata": {},
        "status": "Failure",
        "message": "Timeout: request did not complete within 50ms",
        "reason": "Timeout",
        "details": {},
        "code": 504,
    }
    fakekube.faults.clear()
    assert fakekube.admin.request("POST", CONFIG_MAPS, {"metadata": {"name": "c"}}).status == 201
    watch = fakekube.admin.request("GET", f"{CONFIG_MAPS}?watch=1&timeoutSeconds=1")
    assert watch.status == 200


def test_a_patch_says_what_it_is_before_what_it_is_of(fakekube: Cluster) -> None:
    defined(fakekube)
    assert fakekube.admin.request("PATCH", WIDGETS, {}, headers={"Content-Type": "text/plain"}).status == 415
    merge = {"Content-Type": "application/merge-patch+json"}
    assert message(fakekube.admin.request("PATCH", WIDGETS, {}, headers=merge)) == (400, "name must be provided")
