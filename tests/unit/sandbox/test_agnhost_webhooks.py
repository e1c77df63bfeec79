"""What agnhost's webhooks answer; the certificates are tested over HTTPS."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import orjson
import pytest

from fakekube.sandbox.agnhost import admissionwebhook, conversionwebhook
from fakekube.sandbox.agnhost.conversionwebhook import Refused, convert
from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from tests.unit.sandbox.boxes import container

REVIEW = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}


async def review(path: str, obj: Any, operation: str = "CREATE", name: str = "") -> Any:
    which = "oldObject" if operation == "DELETE" else "object"
    asked = {"uid": "u", "operation": operation, "name": name, which: obj}
    answer = await admissionwebhook.answer(
        HttpRequest(443, "POST", path, body=orjson.dumps({**REVIEW, "request": asked}))
    )
    assert answer.status == 200
    document = orjson.loads(answer.body)
    assert {name: document[name] for name in REVIEW} == REVIEW
    return document["response"]


def marked(value: str) -> Any:
    return {"metadata": {"labels": {"webhook-e2e-test": value}}, "data": {"webhook-e2e-test": value}, "spec": {}}


DISALLOWED, LASTING = marked("webhook-disallow"), marked("webhook-nondeletable")
ATTACH = {"kind": "PodAttachOptions", "stdin": True, "container": "container1"}


@pytest.mark.parametrize(
    ("path", "obj", "operation", "name", "allowed"),
    [
        ("/always-deny", DISALLOWED, "CREATE", "", False),
        ("/pods", DISALLOWED, "CREATE", "", False),
        ("/pods", {"metadata": {}, "spec": {"containers": [{"name": "webhook-disallow"}]}}, "CREATE", "", False),
        ("/pods?timeout=5s", marked("x"), "CREATE", "", True),
        ("/configmaps", DISALLOWED, "UPDATE", "", False),
        ("/configmaps", DISALLOWED, "DELETE", "", True),
        ("/configmaps", LASTING, "DELETE", "", False),
        ("/custom-resource", LASTING, "CREATE", "", True),
        ("/crd", DISALLOWED, "CREATE", "", False),
        ("/pods/attach", ATTACH, "CONNECT", "to-be-attached-pod", False),
        ("/pods/attach", ATTACH, "CONNECT", "other", True),
    ],
)
async def test_verdicts(path: str, obj: Any, operation: str, name: str, allowed: bool) -> None:
    response = await review(path, obj, operation, name)
    assert (response["uid"], response["allowed"]) == ("u", allowed)


@pytest.mark.parametrize(
    ("path", "obj", "patch"),
    [
        ("/add-label", {"metadata": {}}, ("add", "/metadata/labels", {"added-label": "yes"})),
        ("/add-label", {"metadata": {"labels": {"a": "b"}}}, ("add", "/metadata/labels/added-label", "yes")),
        (
            "/add-label",
            {"metadata": {"labels": {"added-label": "n"}}},
            ("replace", "/metadata/labels/added-label", "yes"),
        ),
        ("/add-label", {"metadata": {"labels": {"added-label": "yes"}}}, None),
        ("/mutating-configmaps", {"data": {"mutation-start": "yes"}}, ("add", "/data/mutation-stage-1", "yes")),
        ("/mutating-configmaps", {"data": {"mutation-stage-1": "yes"}}, ("add", "/data/mutation-stage-2", "yes")),
        ("/mutating-configmaps", {}, None),
        ("/mutating-pods", {"metadata": {"name": "other"}, "spec": {}}, None),
    ],
)
async def test_patches(path: str, obj: Any, patch: tuple[str, str, Any] | None) -> None:
    response = await review(path, obj)
    found = orjson.loads(b64decode(response["patch"])) if "patch" in response else None
    assert found == ([dict(zip(("op", "path", "value"), patch, strict=True))] if patch else None)


@pytest.mark.parametrize(("path", "status"), [("/readyz", 200), ("/nowhere", 404), ("/pods", 400)])
async def test_what_is_no_review(path: str, status: int) -> None:
    answer: HttpAnswer = await admissionwebhook.answer(HttpRequest(443, "GET", path, body=b"{"))
    assert answer.status == status


def test_conversions() -> None:
    old = {"apiVersion": "stable.example.com/v1", "hostPort": "a:1"}
    new = {"apiVersion": "stable.example.com/v2", "host": "a", "port": "1"}
    assert (convert(old, new["apiVersion"]), convert(new, old["apiVersion"])) == (new, old)
    for wanted in ("stable.example.com/v1", "stable.example.com/v3"):
        with pytest.raises(Refused):
            convert(old, wanted)


async def test_a_conversion_review() -> None:
    asked = {"uid": "u", "desiredAPIVersion": "x/v1", "objects": [{"apiVersion": "x/v1"}]}
    document = {"kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1", "request": asked}
    answer = await conversionwebhook.answer(HttpRequest(443, "POST", "/crdconvert", body=orjson.dumps(document)))
    result = orjson.loads(answer.body)["response"]["result"]
    assert (result["status"], "version to itself" in result["message"]) == ("Failure", True)


async def test_without_its_certificate_it_ends() -> None:
    box = container(("/agnhost", "webhook", "--tls-cert-file=/no"), image="k8s.gcr.io/e2e-test-images/agnhost:2.21")
    code = await box.run(("true",))
    assert (code.exit_code, box.codes) == (0, [255])
