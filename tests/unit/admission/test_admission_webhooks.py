from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from admission_samples import JOE, attributes
from aiohttp import web
from readers import ObjectsReader

from fakekube import pki
from fakekube.admission.chain import Chain
from fakekube.admission.plugin import ALL, On, Permission, Plugin, Wiring
from fakekube.admission.webhooks import matching, review
from fakekube.admission.webhooks.calling import endpoint_of
from fakekube.admission.webhooks.dispatch import mutating, validating
from fakekube.admission.webhooks.hooks import Hook, hooks_of
from fakekube.apis import catalog, schema
from fakekube.apis.admissionregistration import mutatingwebhookconfigurations, validatingwebhookconfigurations
from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.extensions.ingresses import RESOURCE as OLD_INGRESSES
from fakekube.apis.networking.ingresses import RESOURCE as INGRESSES
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.codec import Codec
from fakekube.runtime.https import CallFailed

KINDS = catalog.builtin()
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}


def hook(**spec: Any) -> Hook:
    whole = {"name": "h.example.com", "rules": [RULE], "matchPolicy": "Equivalent", **spec}
    return Hook("c", "c/h.example.com/0", whole)


def reader() -> ObjectsReader:
    found = ObjectsReader()
    found.put(NAMESPACES, {"metadata": {"name": "ns", "labels": {"a": "b"}}})
    return found


def config_map(**labels: str) -> Object:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "m", "namespace": "ns", "labels": labels}}


@pytest.mark.parametrize(
    ("spec", "heard"),
    [
        ({}, True),
        ({"rules": [{**RULE, "operations": ["UPDATE"]}]}, False),
        (
            {"rules": [{**RULE, "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]},
            True,
        ),
        ({"rules": [{**RULE, "resources": ["configmaps/status"]}]}, False),
        ({"rules": [{**RULE, "resources": ["*/*"]}]}, True),
        ({"rules": [{**RULE, "scope": "Cluster"}]}, False),
        ({"rules": [{**RULE, "scope": "Namespaced"}]}, True),
        ({"namespaceSelector": {"matchLabels": {"a": "b"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"a": "c"}}}, False),
        ({"objectSelector": {"matchLabels": {"x": "y"}}}, True),
        ({"objectSelector": {"matchLabels": {"x": "z"}}}, False),
    ],
)
def test_which_requests_a_hook_hears_of(spec: Object, heard: bool) -> None:
    found = matching.invocation(hook(**spec), attributes(config_map(x="y"), CONFIGMAPS), reader(), KINDS)
    assert (found is not None) == heard


def test_the_old_object_counts_too() -> None:
    chosen = hook(objectSelector={"matchLabels": {"x": "y"}}, rules=[{**RULE, "operations": ["*"]}])
    assert matching.invocation(
        chosen, attributes(config_map(), CONFIGMAPS, "UPDATE", config_map(x="y")), reader(), KINDS
    )
    assert matching.invocation(chosen, attributes(None, CONFIGMAPS, "DELETE", config_map(x="y")), reader(), KINDS)


def test_a_namespace_is_chosen_by_its_own_labels() -> None:
    rules = [{**RULE, "operations": ["*"], "resources": ["namespaces"]}]
    chosen = hook(namespaceSelector={"matchLabels": {"a": "b"}}, rules=rules)
    new = {"metadata": {"name": "new", "labels": {"a": "b"}}}
    assert matching.invocation(chosen, attributes(new, NAMESPACES, namespace=""), reader(), KINDS)
    gone = attributes(None, NAMESPACES, "DELETE", {"metadata": {"name": "ns"}}, namespace="")
    assert matching.invocation(chosen, gone, reader(), KINDS)


def test_a_missing_namespace_matters_only_to_what_the_rules_name() -> None:
    chosen = hook(namespaceSelector={"matchLabels": {"a": "b"}})
    with pytest.raises(StatusError, match='namespaces "gone" not found'):
        matching.invocation(chosen, attributes(config_map(), CONFIGMAPS, namespace="gone"), reader(), KINDS)
    other = hook(namespaceSelector={"matchLabels": {"a": "b"}}, rules=[])
    assert matching.invocation(other, attributes(config_map(), CONFIGMAPS, namespace="gone"), reader(), KINDS) is None


@pytest.mark.parametrize(("policy", "heard"), [("Equivalent", True), ("Exact", False)])
def test_another_group_and_version_of_the_same_objects(policy: str, heard: bool) -> None:
    rules = [{**RULE, "apiGroups": ["networking.k8s.io"], "resources": ["ingresses"]}]
    ingress = {"metadata": {"name": "i", "namespace": "ns"}}
    asked = attributes(ingress, OLD_INGRESSES)
    asked.version = "v1beta1"
    found = matching.invocation(hook(rules=rules, matchPolicy=policy), asked, reader(), KINDS)
    assert (found is not None) == heard
    if found:
        assert (found.resource, found.version) == (INGRESSES, "v1")


def test_a_review_tells_everything() -> None:
    scale = {"kind": "Scale", "spec": {}}
    asked = attributes(
        scale, DEPLOYMENTS, "UPDATE", scale, subresource="scale", name="d", dry_run=True,
        options={"dryRun": ["All"], "fieldManager": "m", "force": True},
    )  # fmt: skip
    called = matching.Invocation(hook(), DEPLOYMENTS, "v1")
    document = review.request("u", "v1", called, asked, scale, scale)
    assert document == {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "u",
            "kind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "subResource": "scale",
            "requestKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
            "requestResource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "requestSubResource": "scale",
            "name": "d",
            "namespace": "ns",
            "operation": "UPDATE",
            "userInfo": {"username": "joe"},
            "object": scale,
            "oldObject": scale,
            "dryRun": True,
            "options": {
                "kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1", "dryRun": ["All"], "fieldManager": "m",
            },
        },
    }  # fmt: skip


PATCH = base64.b64encode(b"[]").decode()


def answer(**response: object) -> bytes:
    return orjson.dumps({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response})


@pytest.mark.parametrize(
    ("raw", "mutates", "why"),
    [
        (b"{", True, "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        (
            b'{"kind":"Pod","apiVersion":"v1"}', True,
            'no kind "Pod" is registered for version "v1" in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"',
        ),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","response":{}}', True,
            "converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion",
        ),
        (answer(uid="x"), True, 'expected response.uid="u", got "x"'),
        (answer(uid="u", patch=PATCH), True, "webhook returned response.patch but not response.patchType"),
        (answer(uid="u", patchType="JSONPatch"), True, "webhook returned response.patchType but not response.patch"),
        (answer(uid="u", patch=PATCH), False, "validating webhook may not return response.patch"),
        (b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', True, "webhook response was absent"),
        (
            b'{"response":{"uid":"u"}}', True,
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=",
        ),
    ],
)  # fmt: skip
def test_answers_that_make_no_sense(raw: bytes, mutates: bool, why: str) -> None:
    with pytest.raises(CallFailed) as caught:
        review.parse(raw, "u", "v1", mutating=mutates)
    assert str(caught.value) == why


def test_the_older_version_is_lax() -> None:
    raw = orjson.dumps({"response": {"allowed": True, "patch": PATCH}})
    assert review.parse(raw, "u", "v1beta1", mutating=True).patch_type == "JSONPatch"


@pytest.mark.parametrize(
    ("result", "code", "message", "reason"),
    [
        (None, 400, 'admission webhook "h" denied the request without explanation', ""),
        ({"message": "no"}, 400, 'admission webhook "h" denied the request: no', ""),
        ({"reason": "Gone", "code": 410}, 410, 'admission webhook "h" denied the request: Gone', "Gone"),
        ({"code": 200, "status": "Success"}, 400, 'admission webhook "h" denied the request without explanation', ""),
    ],
)
def test_denials(result: Object | None, code: int, message: str, reason: str) -> None:
    error = review.denial("h", result)
    assert (error.code, error.message, error.reason, error.status["status"]) == (code, message, reason, "Failure")


def test_hooks_of_one_name_are_told_apart() -> None:
    spec = {"name": "h"}
    found = hooks_of({"metadata": {"name": "c"}, "webhooks": [spec, spec]})
    assert [one.uid for one in found] == ["c/h/0", "c/h/1"]


def test_a_service_leads_to_its_endpoints() -> None:
    objects = ObjectsReader()
    key = Key("ns", "s")
    with pytest.raises(LookupError, match='service "s" not found'):
        endpoint_of(key, 443, objects)
    metadata = {"name": "s", "namespace": "ns"}
    objects.put(SERVICES, {"metadata": metadata, "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 443}]}})
    with pytest.raises(LookupError, match="no service port 80 found for service"):
        endpoint_of(key, 80, objects)
    with pytest.raises(LookupError, match=r"dial tcp 10.0.0.1:443: connect: connection refused"):
        endpoint_of(key, 443, objects)
    objects.put(
        ENDPOINTS, {"metadata": metadata, "subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"port": 8443}]}]}
    )
    assert endpoint_of(key, 443, objects) == "127.0.0.1:8443"
    objects.put(SERVICES, {"metadata": metadata, "spec": {"type": "ExternalName", "externalName": "localhost"}})
    assert endpoint_of(key, 444, objects) == "localhost:444"


Respond = Callable[[Object], Object]


class Server:
    """A webhook over TLS: answers what `respond` makes of the request, in the version of the review."""

    def __init__(self) -> None:
        self.respond: Respond = lambda _: {"allowed": True}
        self.reviews: list[Object] = []
        self.headers: list[Mapping[str, str]] = []
        self.delay = 0.0
        names = pki.serving_names("127.0.0.1", "10.96.0.1")
        self.identities = pki.make_identities(names, None)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        document = orjson.loads(await request.read())
        self.reviews.append(document["request"])
        self.headers.append(request.headers)
        await asyncio.sleep(self.delay)
        response = {"uid": document["request"]["uid"], **self.respond(document["request"])}
        return web.json_response({**{k: document[k] for k in ("kind", "apiVersion")}, "response": response})

    async def start(self, folder: Path) -> None:
        serving = self.identities.serving
        file = folder / "serving.pem"
        file.write_bytes(serving.key + serving.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self.runner = web.ServerRunner(web.Server(self.handle))
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self.runner.addresses[0][1]

    def spec(self, **more: Any) -> Object:
        bundle = base64.b64encode(self.identities.ca.certificate_pem).decode()
        return {
            "name": "h.example.com",
            "clientConfig": {"url": f"https://127.0.0.1:{self.port}/path/", "caBundle": bundle},
            "rules": [{**RULE, "operations": ["*"]}],
            "sideEffects": "None",
            "admissionReviewVersions": ["v2", "v1"],
            "timeoutSeconds": 5,
            "failurePolicy": "Fail",
            **more,
        }


@pytest.fixture
async def server(tmp_path: Path) -> Any:
    made = Server()
    await made.start(tmp_path)
    yield made
    await made.runner.cleanup()


async def permits(*_: object, **__: object) -> Permission:
    return Permission(True)


WIRING = Wiring(permits, KINDS, Codec(schema.load("1.20")))


def chain(*specs: Object, mutates: bool = True, extra: Plugin | None = None) -> Chain:
    """Both webhook plugins over one configuration."""
    objects = reader()
    resource = (mutatingwebhookconfigurations if mutates else validatingwebhookconfigurations).RESOURCE
    objects.put(resource, {"metadata": {"name": "c"}, "webhooks": list(specs)})
    made = Chain()
    plugins = [*([extra] if extra else ()), mutating(WIRING, None), validating(WIRING, None)]
    made.begin(plugins, objects)  # type: ignore[arg-type]
    return made


def patching(*operations: Object) -> Respond:
    patch = base64.b64encode(orjson.dumps(operations)).decode()
    return lambda _: {"allowed": True, "patchType": "JSONPatch", "patch": patch}


async def test_a_hook_changes_the_object(server: Server) -> None:
    server.respond = patching({"op": "add", "path": "/data", "value": {"a": "b"}})
    asked = attributes(config_map(x="y"), CONFIGMAPS)
    await chain(server.spec()).mutate(asked)
    assert asked.object is not None
    assert asked.object["data"] == {"a": "b"}
    assert server.reviews[0]["object"]["metadata"]["labels"] == {"x": "y"}
    assert orjson.loads(asked.annotations["mutation.webhook.admission.k8s.io/round_0_index_0"])["mutated"] is True


async def test_a_hook_warns_and_notes(server: Server) -> None:
    server.respond = lambda _: {"allowed": True, "warnings": ["careful"], "auditAnnotations": {"k": "v"}}
    asked = attributes(config_map(), CONFIGMAPS)
    await chain(server.spec(), mutates=False).validate(asked)
    assert asked.warnings == ["careful"]
    assert asked.annotations == {"h.example.com/k": "v"}


async def test_a_hook_denies(server: Server) -> None:
    server.respond = lambda _: {"allowed": False, "status": {"message": "never", "code": 403, "reason": "Forbidden"}}
    with pytest.raises(StatusError) as caught:
        await chain(server.spec(), mutates=False).validate(attributes(config_map(), CONFIGMAPS))
    assert (caught.value.code, caught.value.message) == (
        403,
        'admission webhook "h.example.com" denied the request: never',
    )


async def failure(server: Server, spec: Object, asked: Attributes | None = None) -> str:
    try:
        await chain(spec, mutates=False).validate(asked or attributes(config_map(), CONFIGMAPS))
    except StatusError as error:
        return error.message
    return ""


async def test_failures_are_told_as_go_tells_them(server: Server) -> None:
    url = f"https://127.0.0.1:{server.port}/path?timeout"
    start = 'Internal error occurred: failed calling webhook "h.example.com": '
    unknown = {"url": f"https://127.0.0.1:{server.port}/path"}
    assert await failure(server, server.spec(clientConfig=unknown)) == (
        f'{start}Post "{url}=5s": x509: certificate signed by unknown authority'
    )
    refused = {"url": "https://127.0.0.1:1/"}
    assert await failure(server, server.spec(clientConfig=refused)) == (
        f'{start}Post "https://127.0.0.1:1/?timeout=5s": dial tcp 127.0.0.1:1: connect: connection refused'
    )
    assert await failure(server, server.spec(clientConfig=refused, failurePolicy="Ignore")) == ""
    server.delay = 3
    assert await failure(server, server.spec(timeoutSeconds=1)) == f'{start}Post "{url}=1s": context deadline exceeded'


async def test_dry_runs_need_hooks_without_side_effects(server: Server) -> None:
    asked = attributes(config_map(), CONFIGMAPS, dry_run=True)
    why = 'admission webhook "h.example.com" does not support dry run'
    assert await failure(server, server.spec(sideEffects="Some", failurePolicy="Ignore"), asked) == why
    assert await failure(server, server.spec(sideEffects="NoneOnDryRun"), asked) == ""


async def test_a_later_change_is_shown_to_those_who_ask(server: Server) -> None:
    """The first hook sees what the second one added, once; in-tree plugins run twice, too."""

    def respond(request: Object) -> Object:
        labels = request["object"]["metadata"].get("labels", {})
        if len(server.reviews) == 2:
            return patching({"op": "add", "path": "/metadata/labels/late", "value": "yes"})(request)
        return {"allowed": True, "warnings": sorted(labels)}

    rounds: list[bool] = []
    counter = Plugin("Counter", On(ALL), lambda a, _: rounds.append(a.reinvocation.running))
    server.respond = respond
    asked = attributes(config_map(x="y"), CONFIGMAPS)
    first, second = server.spec(name="one", reinvocationPolicy="IfNeeded"), server.spec(name="two")
    await chain(first, second, extra=counter).mutate(asked)
    assert rounds == [False, True]
    assert len(server.reviews) == 3
    assert asked.warnings == ["x", "late", "x"]


async def test_credentials_come_from_a_kubeconfig(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(f"users: [{{name: '127.0.0.1:{server.port}', user: {{token: secret}}}}]")
    settings = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "WebhookAdmissionConfiguration",
        "kubeConfigFile": str(file),
    }
    objects = reader()
    objects.put(mutatingwebhookconfigurations.RESOURCE, {"metadata": {"name": "c"}, "webhooks": [server.spec()]})
    made = Chain()
    made.begin([mutating(WIRING, settings)], objects)  # type: ignore[arg-type]
    await made.mutate(attributes(config_map(), CONFIGMAPS))
    assert server.headers[0]["Authorization"] == "Bearer secret"
    with pytest.raises(ValueError, match='kubeConfigFile: Invalid value: "x": must be an absolute file path'):
        mutating(WIRING, {**settings, "kubeConfigFile": "x"})


async def test_who_refused_is_found_in_the_record(server: Server) -> None:
    server.respond = lambda _: {"allowed": False}
    asked = attributes(config_map(), CONFIGMAPS)
    with pytest.raises(StatusError) as caught:
        await chain(server.spec()).mutate(asked)
    found = {"step": "admit", "refused": caught.value.message}
    assert asked.findings == {"MutatingAdmissionWebhook": [found]}


async def test_configurations_themselves_are_never_reviewed(server: Server) -> None:
    configuration = {"metadata": {"name": "c"}, "webhooks": []}
    everything = [{**RULE, "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]
    asked = attributes(configuration, validatingwebhookconfigurations.RESOURCE, namespace="", user=JOE)
    await chain(server.spec(rules=everything), mutates=False).validate(asked)
    assert server.reviews == []
