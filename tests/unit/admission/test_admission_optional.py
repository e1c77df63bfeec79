"""The plugins that somebody has to switch on, and the file that configures them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from admission_samples import attributes, pod, resources
from readers import ObjectsReader

from fakekube.admission import (
    always,
    always_pull_images,
    configuration,
    deny_exec,
    event_rate_limit,
    extended_resource_toleration,
    hard_anti_affinity,
    image_policy,
    namespaces_on_demand,
    owner_references,
    persistent_volume_label,
    pod_node_selector,
    pod_toleration_restriction,
    security_context_deny,
    table,
)
from fakekube.admission.plugin import Permission, Plugin, Wiring
from fakekube.apis import catalog, schema
from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.codec import Codec
from fakekube.runtime import kubeconfigs
from fakekube.runtime.https import CallFailed
from fakekube.runtime.webhooks import Backend


class Permits:
    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    async def __call__(
        self, user: UserInfo, verb: str, *, resource: str = "", subresource: str = "", name: str = "", **_: str
    ) -> Permission:
        return Permission(f"{verb} {resource}/{subresource}" in self.allowed, "because")


def wiring(*allowed: str) -> Wiring:
    return Wiring(Permits(*allowed), catalog.builtin(), Codec(schema.load("1.20")))


class Writer(ObjectsReader):
    """Keeps what is created."""

    class clock:  # noqa: N801
        moment = 0.0

        @classmethod
        def now(cls) -> float:
            return cls.moment

    async def create(self, resource: Any, obj: Object) -> Object:
        self.put(resource, obj)
        return obj


def with_namespace(**annotations: str) -> ObjectsReader:
    found = ObjectsReader()
    found.put(NAMESPACES, {"metadata": {"name": "ns", "annotations": annotations}})
    return found


async def refusal(plugin: Plugin, a: Attributes, reader: Any = None) -> str:
    """Both phases; the message of the refusal, "" for none."""
    assert plugin.on.handles(a)
    try:
        for act in (plugin.mutate, plugin.validate):
            if act is not None and (waiting := act(a, reader or ObjectsReader())) is not None:
                await waiting
    except StatusError as error:
        return error.message.partition(" is forbidden: ")[2] or error.message
    return ""


async def test_always_deny() -> None:
    assert await refusal(always.DENY, attributes(pod({}))) == "admission control is denying all modifications"
    assert not always.ADMIT.on.handles(attributes(pod({})))


async def test_pull_policies_are_overwritten() -> None:
    subject = pod({"imagePullPolicy": "Never"}, initContainers=[{"name": "i"}])
    assert await refusal(always_pull_images.PLUGIN, attributes(subject)) == ""
    assert subject["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    subject["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    with pytest.raises(StatusError) as caught:
        always_pull_images.validate(attributes(subject), ObjectsReader())
    assert caught.value.code == 500
    assert 'spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"' in str(
        caught.value
    )


@pytest.mark.parametrize(("key", "allowed"), [("kubernetes.io/hostname", True), ("zone", False)])
async def test_anti_affinity_keeps_to_nodes(key: str, allowed: bool) -> None:
    term = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": key}]}
    why = await refusal(hard_anti_affinity.PLUGIN, attributes(pod({}, affinity={"podAntiAffinity": term})))
    assert (why == "") == allowed


@pytest.mark.parametrize(
    ("spec", "escalating", "privileged"),
    [
        ({}, "", ""),
        ({"hostPID": True}, "cannot exec into or attach to a container using host pid", ""),
        *(
            ({field: [{"name": "c", "securityContext": {"privileged": True}}]},) + 2 * (
                "cannot exec into or attach to a privileged container",
            )
            for field in ("initContainers", "ephemeralContainers")
        ),
    ],
)  # fmt: skip
async def test_exec_into_mighty_pods(spec: Object, escalating: str, privileged: str) -> None:
    reader = ObjectsReader()
    reader.put(PODS, pod({}, **spec))
    for plugin, wanted in ((deny_exec.ESCALATING, escalating), (deny_exec.PRIVILEGED, privileged)):
        asked = attributes({}, operation="CONNECT", subresource="exec", name="p")
        assert await refusal(plugin, asked, reader) == wanted
    assert not deny_exec.ESCALATING.on.handles(attributes({}, operation="CONNECT", subresource="portforward"))


async def test_devices_are_tolerated() -> None:
    subject = pod(resources({"z.io/b": "1", "cpu": "1"}), resources({"a.io/c": "1"}))
    subject["spec"]["tolerations"] = [{"key": "z.io/b", "operator": "Exists", "effect": "NoSchedule"}]
    await refusal(extended_resource_toleration.PLUGIN, attributes(subject))
    assert [one["key"] for one in subject["spec"]["tolerations"]] == ["z.io/b", "a.io/c"]


async def test_namespaces_come_into_being() -> None:
    client = Writer()
    assert await refusal(namespaces_on_demand.AUTO_PROVISION, attributes(pod({}), dry_run=True), client) == ""
    assert client.get(NAMESPACES, Key("", "ns")) is None
    assert await refusal(namespaces_on_demand.EXISTS, attributes(pod({})), client) == 'namespaces "ns" not found'
    assert await refusal(namespaces_on_demand.AUTO_PROVISION, attributes(pod({})), client) == ""
    assert await refusal(namespaces_on_demand.EXISTS, attributes(pod({})), client) == ""


OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u"}
BLOCKING = {**OWNER, "blockOwnerDeletion": True}


def owned(*owners: Object) -> Object:
    return {"metadata": {"name": "c", "ownerReferences": list(owners)}}


@pytest.mark.parametrize(
    ("new", "old", "allowed", "why"),
    [
        (owned(OWNER), None, (), ""),
        (owned(OWNER), owned(), (), "cannot set an ownerRef on a resource you can't delete: because, <nil>"),
        (owned(OWNER), owned(), ("delete configmaps/",), ""),
        (
            owned(BLOCKING), None, (),
            "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: "
            "because, <nil>",
        ),
        (owned(BLOCKING), None, ("update replicasets/finalizers",), ""),
        (owned(BLOCKING), owned(BLOCKING), (), ""),
        (
            owned({**BLOCKING, "kind": "Nope"}), None, (),
            "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion apps/v1 Kind "
            'Nope: no matches for kind "Nope" in version "apps/v1"',
        ),
    ],
)  # fmt: skip
async def test_owners(new: Object, old: Object | None, allowed: tuple[str, ...], why: str) -> None:
    plugin = owner_references.make(wiring(*allowed), None)
    assert await refusal(plugin, attributes(new, CONFIGMAPS, "UPDATE" if old else "CREATE", old)) == why


def test_kinds_of_owners_are_known() -> None:
    assert catalog.builtin().lookup("apps/v1", "ReplicaSet") is REPLICASETS


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"securityContext": {"runAsUser": 0}}, "pod.Spec.SecurityContext.RunAsUser is forbidden"),
        (
            {"initContainers": [{"securityContext": {"seLinuxOptions": {}}}]},
            "SecurityContext.SELinuxOptions is forbidden",
        ),
        ({"securityContext": {"runAsNonRoot": True}}, ""),
    ],
)
async def test_security_contexts(spec: Object, why: str) -> None:
    assert await refusal(security_context_deny.PLUGIN, attributes(pod({}, **spec))) == why


SELECTORS = {"podNodeSelectorPluginConfig": {"clusterDefaultNodeSelector": "d=e", "ns": "a=b,c=d"}}


@pytest.mark.parametrize(
    ("annotation", "config", "own", "selector", "why"),
    [
        ("a=b", None, {"c": "d"}, {"a": "b", "c": "d"}, ""),
        ("a=b", None, {"a": "x"}, None, pod_node_selector.CONFLICT),
        (None, None, {}, {}, ""),
        (None, SELECTORS, {}, None, pod_node_selector.NOT_ALLOWED),
        ("a=b", SELECTORS, {"c": "d"}, {"a": "b", "c": "d"}, ""),
        ("a", None, {}, None, "invalid selector: [a]"),
    ],
)
async def test_node_selectors(
    annotation: str | None, config: Object | None, own: dict[str, str], selector: dict[str, str] | None, why: str
) -> None:
    reader = with_namespace(**({pod_node_selector.ANNOTATION: annotation} if annotation else {}))
    subject = pod({}, nodeSelector=own)
    assert await refusal(pod_node_selector.make(wiring(), config), attributes(subject), reader) == why
    if selector is not None:
        assert subject["spec"]["nodeSelector"] == selector


CONFIGURED = {
    "apiVersion": pod_toleration_restriction.VERSION,
    "kind": "Configuration",
    "default": [{"key": "d", "operator": "Exists"}],
    "whitelist": [{"key": "d", "operator": "Exists"}],
}
TOLERATING_X = {pod_toleration_restriction.DEFAULTS: '[{"key":"x","operator":"Exists"}]'}
CONFLICT = "pod tolerations (possibly merged with namespace default tolerations) conflict with its {} whitelist"


@pytest.mark.parametrize(
    ("annotations", "config", "keys", "why"),
    [
        ({}, None, [], ""),
        ({}, CONFIGURED, ["d"], ""),
        (TOLERATING_X, None, ["x"], ""),
        (TOLERATING_X, CONFIGURED, None, CONFLICT.format("cluster")),
        ({pod_toleration_restriction.DEFAULTS: ""}, CONFIGURED, [], ""),
        ({pod_toleration_restriction.WHITELIST: '[{"key":"y"}]'}, CONFIGURED, None, CONFLICT.format("namespace")),
        ({pod_toleration_restriction.DEFAULTS: "{"}, None, None, "unexpected end of JSON input"),
    ],
)  # fmt: skip
async def test_tolerations(
    annotations: dict[str, str], config: Object | None, keys: list[str] | None, why: str
) -> None:
    subject = pod({})
    plugin = pod_toleration_restriction.make(wiring(), config)
    assert await refusal(plugin, attributes(subject), with_namespace(**annotations)) == why
    if keys is not None:
        assert [one["key"] for one in subject["spec"].get("tolerations", [])] == keys


async def test_who_asks_for_resources_tolerates_memory_pressure() -> None:
    subject = pod(resources({"cpu": "1"}))
    await refusal(pod_toleration_restriction.make(wiring(), None), attributes(subject), with_namespace())
    assert subject["spec"]["tolerations"] == [pod_toleration_restriction.MEMORY_PRESSURE]


def limits(*given: Object) -> Object:
    return {"apiVersion": event_rate_limit.VERSION, "kind": "Configuration", "limits": list(given)}


async def test_events_come_one_by_one() -> None:
    limit = {"type": "Namespace", "qps": 1, "burst": 2}
    plugin = event_rate_limit.make(wiring(), limits(limit))
    client = Writer()
    event = {"metadata": {"name": "e"}}

    async def send(namespace: str) -> str:
        return await refusal(plugin, attributes(event, EVENTS, namespace=namespace), client)

    assert [await send("a"), await send("a"), await send("b")] == ["", "", ""]
    assert await send("a") == "Too many requests: limit reached on type Namespace for key a"
    client.clock.moment += 1
    assert [await send("a") == "", await send("a") == ""] == [True, False]


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ({"type": "Planet", "qps": 1, "burst": 1}, 'limits[0].type: Unsupported value: "Planet"'),
        ({"type": "Server", "qps": 0, "burst": 1}, "limits[0].qps: Invalid value: 0: must be positive"),
        (
            {"type": "User", "qps": 1, "burst": 1, "cacheSize": -1},
            "limits[0].cacheSize: Invalid value: -1: must not be negative",
        ),
    ],
)  # fmt: skip
def test_bad_limits(limit: Object, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        table.plugins(["EventRateLimit"], [], wiring(), {"EventRateLimit": limits(limit)})
    assert why in str(caught.value)


LABELLED = {
    "metadata": {
        "name": "v",
        "annotations": {persistent_volume_label.PROVISIONED: "x"},
        "labels": {persistent_volume_label.ZONE: "b__a", persistent_volume_label.REGION: "r"},
    },
    "spec": {"awsElasticBlockStore": {"volumeID": "i"}},
}


async def test_cloud_volumes() -> None:
    assert await refusal(persistent_volume_label.PLUGIN, attributes(LABELLED, VOLUMES, namespace="")) == ""
    [term] = LABELLED["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert [one["values"] for one in term["matchExpressions"]] == [["a", "b"], ["r"]]
    unknown = {"metadata": {"name": "v"}, "spec": LABELLED["spec"]}
    why = "error querying AWS EBS volume i: unable to build AWS cloud provider for EBS"
    assert await refusal(persistent_volume_label.PLUGIN, attributes(unknown, VOLUMES, namespace="")) == why


KUBECONFIG = """
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1/policy'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
"""


def image_plugin(folder: Path, **more: object) -> Plugin:
    (folder / "kubeconfig").write_text(KUBECONFIG)
    given = {"imagePolicy": {"kubeConfigFile": str(folder / "kubeconfig"), "retryBackoff": 1, **more}}
    return image_policy.make(wiring(), given)


async def test_images_without_their_judge(tmp_path: Path) -> None:
    why = await refusal(image_plugin(tmp_path), attributes(pod({})), Writer())
    assert why == 'Post "https://127.0.0.1:1/policy?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused'
    asked = attributes(pod({}))
    assert await refusal(image_plugin(tmp_path, defaultAllow=True), asked, Writer()) == ""
    assert asked.annotations == {"imagepolicywebhook.image-policy.k8s.io/failed-open": "true"}


async def test_answers_about_images_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Object] = []

    async def ask(_: Backend, document: Object) -> bytes:
        asked.append(document["spec"])
        return b'{"status":{"allowed":false,"reason":"old"}}'

    monkeypatch.setattr(Backend, "ask", ask)
    plugin = image_plugin(tmp_path)
    subject = pod({}, initContainers=[{"name": "j", "image": "k"}])
    subject["metadata"]["annotations"] = {"my.image-policy.k8s.io/x": "y", "other": "z"}
    for _ in range(2):
        why = await refusal(plugin, attributes(subject), Writer())
        assert why == "image policy webhook backend denied one or more images: old"
    assert asked == [
        {
            "containers": [{"image": "i"}, {"image": "k"}],
            "annotations": {"my.image-policy.k8s.io/x": "y"},
            "namespace": "ns",
        }
    ]


def test_an_image_policy_needs_its_configuration() -> None:
    with pytest.raises(ValueError, match="no config specified"):
        image_policy.make(wiring(), None)
    with pytest.raises(ValueError, match="valid value is between"):
        image_policy.settings({"imagePolicy": {"allowTTL": 100000}})
    with pytest.raises(CallFailed):
        image_policy._status(b"{")


def test_kubeconfigs_name_their_files(tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(b"pem")
    document = {"clusters": [{"cluster": {"server": "https://x", "certificate-authority": "ca"}}]}
    assert kubeconfigs.access_of(document, tmp_path) == kubeconfigs.Access("https://x", b"pem")
    with pytest.raises(ValueError, match="no server found"):
        kubeconfigs.access_of({"users": [{"name": "joe"}]}, tmp_path)
    with pytest.raises(ValueError, match="no configuration has been provided"):
        kubeconfigs.access_of({}, tmp_path)


@pytest.mark.parametrize(
    ("host", "port", "token"),
    [
        ("a.example.com", 443, "exact"),
        ("a.example.com", 8443, "port"),
        ("b.example.com", 443, "domain"),
        ("c.b.example.com", 443, "domain"),
        ("b.example.com", 8443, "any"),
        ("other", 443, "any"),
    ],
)
def test_users_are_named_after_servers(host: str, port: int, token: str) -> None:
    names = {"exact": "a.example.com", "port": "a.example.com:8443", "domain": "*.example.com", "any": "*"}
    users = [{"name": name, "user": {"token": token}} for token, name in names.items()]
    assert kubeconfigs.Users({"users": users}, Path()).of(host, port).headers == {"Authorization": f"Bearer {token}"}


def test_the_current_context_speaks_for_all_others() -> None:
    document = {
        "users": [{"name": "u", "user": {"username": "joe", "password": "x"}}],
        "contexts": [{"name": "c", "context": {"user": "u"}}],
        "current-context": "c",
    }
    assert kubeconfigs.Users(document, Path()).of("h", 1).headers == {"Authorization": "Basic am9lOng="}
    assert kubeconfigs.Users({}, Path()).of("h", 1) == kubeconfigs.Credentials()


CONFIGURATION = """
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: limits.yaml
- name: PodNodeSelector
  configuration: {podNodeSelectorPluginConfig: {ns: a=b}}
"""


def test_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text("{kind: Configuration}")
    (tmp_path / "admission.yaml").write_text(CONFIGURATION)
    assert configuration.read(tmp_path / "admission.yaml") == {
        "EventRateLimit": {"kind": "Configuration"},
        "PodNodeSelector": {"podNodeSelectorPluginConfig": {"ns": "a=b"}},
    }
    (tmp_path / "old.yaml").write_text("podNodeSelectorPluginConfig: {ns: a=b}")
    assert configuration.read(tmp_path / "old.yaml")["PodNodeSelector"] == SELECTORS_OF_NS
    assert configuration.read(None) == {}
    with pytest.raises(ValueError, match="unable to read admission control configuration"):
        configuration.read(tmp_path / "none.yaml")


SELECTORS_OF_NS = {"podNodeSelectorPluginConfig": {"ns": "a=b"}}
