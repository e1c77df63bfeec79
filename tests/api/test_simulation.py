"""The group sim.fakekube.dev over HTTPS: served, guarded by RBAC, and left out of what documents list."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakekube.cli.admission import command as admission
from fakekube.testing.cluster import Cluster, Response, User

GROUP = "/apis/sim.fakekube.dev/v1alpha1"
ADMISSION = f"{GROUP}/admissionconfigurations/cluster"
MERGE = {"Content-Type": "application/merge-patch+json"}


def switch(user: User, **spec: Any) -> Response:
    return user.request("PATCH", ADMISSION, {"spec": spec}, MERGE)


def pod(user: User, name: str) -> Response:
    spec = {"containers": [{"name": "c", "image": "busybox"}]}
    return user.request("POST", "/api/v1/namespaces/default/pods", {"metadata": {"name": name}, "spec": spec})


def test_no_document_lists_the_group(fakekube: Cluster) -> None:
    assert "sim.fakekube.dev" not in fakekube.admin.get("/apis").text
    assert "sim.fakekube.dev" not in fakekube.admin.get("/").text
    assert "fakekube" not in fakekube.admin.get("/openapi/v2").text
    assert "sim.fakekube.dev" not in fakekube.admin.get("/metrics").text
    assert fakekube.admin.get(ADMISSION).status == 200


@pytest.mark.fakekube(advertise_simulation_api=True)
def test_documents_list_the_group_where_that_is_asked_for(fakekube: Cluster) -> None:
    groups = [group["name"] for group in fakekube.admin.get("/apis").json()["groups"]]
    assert groups[-1] == "sim.fakekube.dev"
    assert "dev.fakekube.sim.v1alpha1.AdmissionConfiguration" in fakekube.admin.get("/openapi/v2").json()["definitions"]


@pytest.mark.fakekube(enable_admission_plugins=["AlwaysPullImages"], disable_admission_plugins=["Priority"])
def test_it_begins_with_what_the_flags_say(fakekube: Cluster) -> None:
    found = fakekube.admin.get(ADMISSION).json()
    assert found["spec"] == {"enabledPlugins": ["AlwaysPullImages"], "disabledPlugins": ["Priority"]}
    assert "AlwaysPullImages" in found["status"]["activePlugins"]
    assert "Priority" in found["status"]["inactivePlugins"]


def test_the_next_request_meets_other_plugins(fakekube: Cluster) -> None:
    assert switch(fakekube.admin, disabledPlugins=["Priority"]).status == 200
    spec = {"containers": [{"name": "c", "image": "busybox:1"}]}
    path = "/api/v1/namespaces/default/pods"
    fakekube.settle()
    before = fakekube.admin.request("POST", path, {"metadata": {"name": "before"}, "spec": spec}).json()
    assert before["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    assert "priority" not in before["spec"]
    assert switch(fakekube.admin, enabledPlugins=["AlwaysPullImages"], disabledPlugins=[]).status == 200
    after = fakekube.admin.request("POST", path, {"metadata": {"name": "after"}, "spec": spec}).json()
    assert after["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    assert after["spec"]["priority"] == 0


def test_what_denies_everything_can_be_switched_off_again(fakekube: Cluster) -> None:
    assert switch(fakekube.admin, enabledPlugins=["AlwaysDeny"]).status == 200
    assert pod(fakekube.admin, "a").status == 403
    assert switch(fakekube.admin, enabledPlugins=[]).status == 200
    fakekube.settle()
    assert pod(fakekube.admin, "a").status == 201


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"enabledPlugins": ["Nope"]}, 'spec.enabledPlugins[0]: Unsupported value: "Nope"'),
        ({"disabledPlugins": ["Priority", "nope"]}, 'spec.disabledPlugins[1]: Unsupported value: "nope"'),
        ({"enabledPlugins": ["Priority"], "disabledPlugins": ["Priority"]}, "overlapped"),
        ({"enabledPlugins": ["ImagePolicyWebhook"]}, 'couldn\'t init admission plugin "ImagePolicyWebhook"'),
    ],
)
def test_what_cannot_be_switched_on(fakekube: Cluster, spec: dict[str, Any], problem: str) -> None:
    before = fakekube.admin.get(ADMISSION).json()
    refused = switch(fakekube.admin, **spec)
    assert refused.status == 422
    assert problem in refused.json()["message"]
    assert fakekube.admin.get(ADMISSION).json() == before


def test_a_dry_run_changes_nothing(fakekube: Cluster) -> None:
    answer = fakekube.admin.request(
        "PATCH", f"{ADMISSION}?dryRun=All", {"spec": {"enabledPlugins": ["AlwaysDeny"]}}, MERGE
    )
    assert "AlwaysDeny" in answer.json()["status"]["activePlugins"]
    fakekube.settle()
    assert pod(fakekube.admin, "a").status == 201


def test_rbac_guards_it(fakekube: Cluster) -> None:
    ann = fakekube.user("ann")
    assert switch(ann, enabledPlugins=[]).status == 403
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "switcher"},
        "rules": [{"apiGroups": ["sim.fakekube.dev"], "resources": ["admissionconfigurations"], "verbs": ["*"]}],
    }
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ann"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "switcher"}
    binding = {**role, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [subject]}
    fakekube.apply([role, {name: value for name, value in binding.items() if name != "rules"}])
    assert switch(ann, enabledPlugins=[]).status == 200
    assert ann.request("DELETE", ADMISSION).status == 405


def run(cluster: Cluster, *arguments: str) -> Result:
    return CliRunner().invoke(admission, [*arguments, "--kubeconfig", str(cluster.kubeconfig)])


def test_commands(fakekube: Cluster) -> None:
    done = run(fakekube, "enable", "PodSecurityPolicy", "AlwaysPullImages")
    assert (done.exit_code, done.output) == (0, "PodSecurityPolicy is on\nAlwaysPullImages is on\n")
    assert run(fakekube, "disable", "AlwaysPullImages", "Priority").exit_code == 0
    lines = [line.split() for line in run(fakekube, "list").output.splitlines()]
    assert lines[0] == ["PLUGIN", "STATE", "BECAUSE"]
    assert ["PodSecurityPolicy", "on", "enabled"] in lines
    assert ["AlwaysPullImages", "off", "disabled"] in lines
    assert ["LimitRanger", "on", "default"] in lines
    assert ["AlwaysDeny", "off", "default"] in lines
    refused = run(fakekube, "enable", "Nope")
    assert refused.exit_code == 1
    assert refused.output.startswith(
        'Error: spec.enabledPlugins[2]: Unsupported value: "Nope": supported values: "AlwaysAdmit"'
    )
