"""Commands that need nothing but the public API: user add, who-can, rbac-lookup."""

from __future__ import annotations

from pathlib import Path

from click import Command
from click.testing import CliRunner, Result

from fakekube.cli import rbaclookup, whocan
from fakekube.cli.connection import load
from fakekube.cli.user import command as user
from fakekube.testing.cluster import Cluster

VIEW = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: default-view, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
"""
CSRS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def run(cluster: Cluster, command: Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--kubeconfig", str(cluster.kubeconfig)])


def add(cluster: Cluster, *arguments: str) -> Result:
    return CliRunner().invoke(user, ["add", *arguments], env={"KUBECONFIG": str(cluster.kubeconfig)})


def test_a_new_user(fakekube: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "ann.kubeconfig"
    flags = ("-g", "dev", "-g", "qa", "-n", "kube-system", "--kubeconfig", str(path))
    done = add(fakekube, "ann", *flags)
    assert done.exit_code == 0, done.output
    assert done.output == f'user "ann" added (groups: dev, qa)\nexport KUBECONFIG={path}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    ann = load(path)
    assert ann.namespace == "kube-system"
    assert ann.request("GET", "/version")[0] == 200
    assert fakekube.requests[-1].identity is not None
    assert {*fakekube.requests[-1].identity.user.groups} == {"dev", "qa", "system:authenticated"}
    assert fakekube.admin.get(CSRS).json()["items"] == []


def test_a_new_user_again(fakekube: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "ann.kubeconfig"
    assert add(fakekube, "ann", "--kubeconfig", str(path)).exit_code == 0
    before = path.read_text()
    assert add(fakekube, "ann", "--group", "dev", "--kubeconfig", str(path)).exit_code == 0
    assert path.read_text() != before


def test_a_file_that_is_the_kubeconfig_of_others_stays(fakekube: Cluster) -> None:
    before = fakekube.kubeconfig.read_text()
    done = add(fakekube, "ann", "--kubeconfig", str(fakekube.kubeconfig))
    assert (done.exit_code, fakekube.kubeconfig.read_text()) == (1, before)
    assert "is not the kubeconfig of ann" in done.output


def test_a_user_nobody_may_have(fakekube: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "root"
    done = add(fakekube, "root", "-g", "system:masters", "--kubeconfig", str(path))
    assert done.exit_code == 1
    assert "system:masters" in done.output
    assert not path.exists()


def test_who_can(fakekube: Cluster) -> None:
    done = run(fakekube, whocan.command, "create", "pods")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "No subjects found with permissions to create pods assigned through RoleBindings"
    assert lines[1] == ""
    assert lines[2].split() == ["CLUSTERROLEBINDING", "SUBJECT", "TYPE", "SA-NAMESPACE"]
    rows = [line.split() for line in lines[3:]]
    assert ["cluster-admin", "system:masters", "Group"] in rows
    assert ["system:controller:job-controller", "job-controller", "ServiceAccount", "kube-system"] in rows


def test_who_can_by_other_names(fakekube: Cluster) -> None:
    fakekube.apply(VIEW)
    for what in ("services", "svc", "service", "svc/mongodb"):
        output = run(fakekube, whocan.command, "get", what).output
        assert "default-view  default    default  ServiceAccount  default" in output
    assert "default-view" not in run(fakekube, whocan.command, "get", "svc", "-n", "kube-system").output
    assert "default-view" in run(fakekube, whocan.command, "get", "svc", "-A").output
    assert "ClusterRole/view" in run(fakekube, whocan.command, "get", "svc", "-o", "wide").output
    assert "default-view" in run(fakekube, whocan.command, "get", "po", "--subresource", "log").output
    url = run(fakekube, whocan.command, "get", "/version").output
    assert url.splitlines()[0].split() == ["CLUSTERROLEBINDING", "SUBJECT", "TYPE", "SA-NAMESPACE"]


def test_who_can_what_there_is_not(fakekube: Cluster) -> None:
    def said(*arguments: str) -> str:
        done = run(fakekube, whocan.command, *arguments)
        assert done.exit_code == 1
        return done.output

    assert said("get", "nothing") == 'Error: resolving resource: the server doesn\'t have a resource type "nothing"\n'
    assert 'does not support the "eat" verb, only [create delete' in said("eat", "pods")
    assert said("get", "pods", "-n", "nowhere") == 'Error: validating namespace: "nowhere" not found\n'
    assert said("get", "/a", "--subresource", "log").startswith("Error: --subresource cannot be used")


def test_the_list_may_not_be_complete(fakekube: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "ann"
    add(fakekube, "ann", "--kubeconfig", str(path))
    done = CliRunner().invoke(whocan.command, ["get", "pods", "--kubeconfig", str(path)])
    assert done.exit_code == 1
    assert 'User "ann" cannot get resource "namespaces"' in done.output


def test_rbac_lookup(fakekube: Cluster) -> None:
    flags = ("default", "-k", "serviceaccount", "-o", "wide")
    assert run(fakekube, rbaclookup.command, *flags).output == "No RBAC Bindings found\n"
    fakekube.apply(VIEW)
    lines = run(fakekube, rbaclookup.command, *flags).output.splitlines()
    assert [line.split() for line in lines] == [
        ["SUBJECT", "SCOPE", "ROLE", "SOURCE"],
        ["ServiceAccount/default:default", "default", "ClusterRole/view", "RoleBinding/default-view"],
    ]
