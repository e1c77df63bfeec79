"""Pod security policies over HTTP: who gets a pod in, what it looks like then, and how people find out why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from fakekube.cli.psp import command
from fakekube.machinery.objects import Object
from fakekube.testing.cluster import Cluster, User

RBAC = "rbac.authorization.k8s.io/v1"
PODS = "/api/v1/namespaces/dev/pods"
ANY = {"rule": "RunAsAny"}
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")  # older ones take nothing else


@pytest.fixture(scope="module")
def shell() -> Iterator[Cluster]:
    with Cluster(enable_admission_plugins=["PodSecurityPolicy"]) as cluster:
        yield cluster


@pytest.fixture
def cluster(shell: Cluster) -> Iterator[Cluster]:
    """A namespace in which ann may do everything, and two policies that nobody may use yet."""
    shell.reset()
    shell.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dev"}})
    shell.apply([policy("restricted", runAsUser={"rule": "MustRunAsNonRoot"}), policy("privileged", privileged=True)])
    shell.apply(binding("ann-edits", "edit", {"kind": "User", "name": "ann"}))
    yield shell
    shell.check()


def policy(name: str, **spec: Any) -> Object:
    rules = dict.fromkeys(("runAsUser", "seLinux", "fsGroup", "supplementalGroups"), ANY)
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name},
        "spec": {**rules, "volumes": ["*"], **spec},
    }


def binding(name: str, role: str, subject: Object, namespace: str = "dev") -> Object:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    if subject["kind"] != "ServiceAccount":
        subject = {"apiGroup": "rbac.authorization.k8s.io", **subject}
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": RBAC,
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": reference,
        "subjects": [subject],
    }


def grant(policy: str, subject: Object, namespace: str = "dev") -> list[Object]:
    """Let a subject use the policy in a namespace."""
    rule = {
        "apiGroups": ["policy"],
        "resources": ["podsecuritypolicies"],
        "resourceNames": [policy],
        "verbs": ["use"],
    }
    role = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": f"psp-{policy}"}, "rules": [rule]}
    return [role, binding(f"psp-{policy}", f"psp-{policy}", subject, namespace)]


ANN = {"kind": "User", "name": "ann"}
ACCOUNT = {"kind": "ServiceAccount", "name": "default", "namespace": "dev"}


def pod(**context: Any) -> Object:
    container = {"name": "c", "image": "nginx", "securityContext": context}
    return {"metadata": {"name": "web"}, "spec": {"containers": [container], "automountServiceAccountToken": False}}


def create(user: User, obj: Object, path: str = PODS) -> Object:
    answer: Object = user.request("POST", path, obj).json()
    return answer


def test_a_pod_without_a_policy_is_refused(cluster: Cluster) -> None:
    answer = create(cluster.user("ann"), pod())
    assert (answer["code"], answer["message"]) == (
        403,
        'pods "web" is forbidden: PodSecurityPolicy: unable to admit pod: []',
    )


@pytest.mark.parametrize("subject", [ANN, ACCOUNT], ids=["user", "service account"])
def test_a_grant_admits_the_pod_and_the_policy_fills_in_what_is_missing(cluster: Cluster, subject: Object) -> None:
    cluster.apply(grant("restricted", subject))
    made = create(cluster.user("ann"), pod())
    assert made["metadata"]["annotations"] == {"kubernetes.io/psp": "restricted"}
    assert made["spec"]["containers"][0]["securityContext"] == {"runAsNonRoot": True}


def test_a_grant_ends_at_its_namespace(cluster: Cluster) -> None:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    cluster.apply(grant("restricted", ANN, "prod"))
    assert create(cluster.user("ann"), pod())["code"] == 403


def test_the_refusal_names_every_field_that_a_usable_policy_minds(cluster: Cluster) -> None:
    cluster.apply(grant("restricted", ANN))
    answer = create(cluster.user("ann"), pod(runAsUser=0, privileged=True))
    assert answer["message"] == (
        'pods "web" is forbidden: PodSecurityPolicy: unable to admit pod: '
        "[spec.containers[0].securityContext.runAsUser: Invalid value: 0: running with the root UID is forbidden "
        "spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed]"
    )


def test_an_update_needs_a_policy_too_but_the_status_does_not(cluster: Cluster) -> None:
    create(cluster.admin, pod())
    ann = cluster.user("ann")
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = ann.request("PATCH", f"{PODS}/web", {"metadata": {"labels": {"a": "b"}}}, headers)
    assert answer.json()["message"] == 'pods "web" is forbidden: PodSecurityPolicy: unable to validate pod: []'
    assert ann.request("PATCH", f"{PODS}/web", {"metadata": {"finalizers": ["a.b/c"]}}, headers).status == 200
    status = cluster.admin.request("PATCH", f"{PODS}/web/status", {"status": {"message": "m"}}, headers)
    assert status.status == 200


def test_the_pods_of_a_controller_depend_on_their_service_account(cluster: Cluster) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod()["spec"]}
    replica_set = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    cluster.apply(grant("restricted", ANN))
    path = "/apis/apps/v1/namespaces/dev/replicasets"
    create(cluster.user("ann"), replica_set, path)
    cluster.settle()
    condition = cluster.admin.get(f"{path}/web").json()["status"]["conditions"][0]
    assert condition["reason"] == "FailedCreate"
    assert condition["message"].startswith('pods "web-" is forbidden: PodSecurityPolicy: unable to admit pod: [')


def test_the_decision_record_tells_how_the_pod_fared_under_each_policy(cluster: Cluster) -> None:
    cluster.apply(grant("restricted", ANN))
    create(cluster.user("ann"), pod(privileged=True))
    decision = cluster.requests[-1]
    refusal = (
        "spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed"
    )
    tried, refused = decision.findings["PodSecurityPolicy"]
    assert tried == {
        "step": "admit",
        "policies": [
            {"policy": "privileged", "outcome": "may not be used", "reasons": []},
            {"policy": "restricted", "outcome": "refuses the pod", "reasons": [refusal]},
        ],
    }
    assert refused["refused"].endswith(f"unable to admit pod: [{refusal}]")


def test_the_audit_annotations_name_the_policy(cluster: Cluster) -> None:
    cluster.apply(grant("restricted", ANN))
    create(cluster.user("ann"), pod())
    assert cluster.requests[-1].annotations == {
        "podsecuritypolicy.policy.k8s.io/admit-policy": "restricted",
        "podsecuritypolicy.policy.k8s.io/validate-policy": "restricted",
    }


MANIFEST = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: dev}
spec: {containers: [{name: c, image: nginx, securityContext: {privileged: true}}]}
"""
EXPLAINED = """\
Pod "web" in namespace "dev", service account "default"

  privileged  may not be used  admits the pod as it is
  restricted  may be used      refuses the pod
      spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed

The server says: pods "web" is forbidden: PodSecurityPolicy: unable to admit pod: \
[spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed]
"""


def test_psp_explain(cluster: Cluster) -> None:
    cluster.apply(grant("restricted", ANN))
    arguments = ["explain", "-f", "-", "--as", "ann", "--kubeconfig", str(cluster.kubeconfig)]
    found = CliRunner().invoke(command, arguments, input=MANIFEST)
    assert (found.exit_code, found.output) == (0, EXPLAINED)
