"""The whole pod-security tutorial on a fresh start, as an attendee plays it, with kubectl in a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.tools import PATIENCE, ROOT, Kubectl, Server, environment, until

pexpect = pytest.importorskip("pexpect")

FOLDER = ROOT / "scenarios" / "pod-security-policies" / "manifests"
PROMPT = r"\[ root@curl-tns:/ \]\$ (\x1b\[J)?"
SETTINGS = """\
CA_CERT=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt
TOKEN=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)
NAMESPACE=$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)
""".splitlines()
LIST = 'curl --cacert $CA_CERT -H "Authorization: Bearer $TOKEN" "https://kubernetes/api/v1/namespaces/$NAMESPACE/services/"'
FORBIDDEN = (
    '"message": "services is forbidden: User \\"system:serviceaccount:default:default\\" cannot list resource '
    '\\"services\\" in API group \\"\\" in the namespace \\"default\\""'
)


class Shell:
    """`kubectl run -i --tty --rm curl-tns …` in a terminal."""

    def __init__(self, kubectl: Kubectl) -> None:
        told = subprocess.run([kubectl.path, "version", "--client"], capture_output=True, text=True, check=False).stdout
        generator = ["--generator=run-pod/v1"] if 'Minor:"20' in told else []
        command = ["run", "-i", "--tty", "--rm", "curl-tns", "--image=radial/busyboxplus:curl", *generator]
        variables = environment({"KUBECONFIG": str(kubectl.kubeconfig), "HOME": str(kubectl.folder)})
        self._program = pexpect.spawn(
            kubectl.path, command, timeout=PATIENCE, encoding="utf-8", env=variables, dimensions=(40, 200), echo=False
        )
        self._program.expect(PROMPT)

    def run(self, line: str) -> str:
        """What a line prints, without its echo."""
        self._program.sendline(line)
        self._program.expect(PROMPT)
        return self._program.before.partition("\r\n")[2].replace("\r\n", "\n")

    def leave(self) -> str:
        """End the session; gives what kubectl says in the end."""
        self._program.sendline("exit")
        self._program.expect(pexpect.EOF)
        self._program.close()
        return self._program.before


def session(kubectl: Kubectl) -> tuple[str, str, str]:
    """One visit in the container: the folder's listing, curl's answer, kubectl's last words."""
    shell = Shell(kubectl)
    listing = shell.run("ls /var/run/secrets/kubernetes.io/serviceaccount")
    for line in SETTINGS:
        assert shell.run(line) == ""
    answer = shell.run(LIST)
    return listing, answer, shell.leave()


def test_the_authorization_half(kubectl: Kubectl) -> None:
    listing, answer, words = session(kubectl)
    assert listing.split() == ["ca.crt", "namespace", "token"]
    assert FORBIDDEN in answer
    assert json.loads(answer[answer.index("{") :])["code"] == 403
    assert 'pod "curl-tns" deleted' in words

    kubectl("create", "rolebinding", "default-view", "--clusterrole=view", "--serviceaccount=default:default",
            "--namespace=default")  # fmt: skip
    assert "default-view" in kubectl("get", "rolebindings", "-oyaml")

    # The shell has been started again, and as process 1 it ignores SIGTERM: the real grace period would be 30 seconds.
    kubectl("delete", "pod", "curl-tns", "--ignore-not-found", "--grace-period=0", "--force")
    until(lambda: not kubectl("get", "pods", "--no-headers"))
    _, answer, _ = session(kubectl)
    assert json.loads(answer[answer.index("{") :])["kind"] == "ServiceList"


def fakekube(server: Server, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "fakekube", *arguments], capture_output=True, text=True, timeout=PATIENCE,
        cwd=server.folder, env=environment({"KUBECONFIG": str(server.kubeconfig)}), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_policy_half(kubectl: Kubectl, server: Server) -> None:
    for file in (
        "no-root-policy",
        "no-root-policy-serviceaccount",
        "no-root-policy-role",
        "no-root-policy-role-binding",
    ):
        assert "created" in kubectl("apply", "-f", f"{FOLDER / file}.yaml")
    fakekube(server, "admission", "enable", "PodSecurityPolicy")

    kubectl("apply", "-f", f"{FOLDER / 'deploy.yaml'}")
    kubectl("apply", "-f", f"{FOLDER / 'service.yaml'}")
    kubectl("wait", "deployment/library-server-with-policy", "--for=condition=available", "--timeout=60s")
    pod = json.loads(kubectl("get", "pods", "-l", "app=library-server-with-policy", "-o", "json"))["items"][0]
    assert pod["metadata"]["annotations"]["kubernetes.io/psp"] == "no-root-policy"
    context = pod["spec"]["containers"][0]["securityContext"]
    assert context == {
        "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }  # fmt: skip
    assert pod["status"]["podIP"] in kubectl("get", "endpoints", "library-server-with-policy")
    proxied = kubectl(
        "get", "--raw", "/api/v1/namespaces/default/services/library-server-with-policy:9090/proxy/library"
    )
    assert proxied

    kubectl("apply", "-f", f"{FOLDER / 'deploy-without-policy.yaml'}")

    def described() -> str:
        text = kubectl("describe", "replicasets", "-l", "app=library-server-without-policy")
        return text if "FailedCreate" in text else ""

    text = until(described)
    assert "PodSecurityPolicy: unable to admit pod: []" in text
    assert "ReplicaFailure" in text
    assert "FailedCreate" in kubectl("get", "events")
    row = kubectl("get", "deployment", "library-server-without-policy", "--no-headers").split()
    assert row[1:4] == ["0/1", "0", "0"]


def test_nothing_is_left_behind(server: Server) -> None:
    """Pods have run nothing on this machine: the server has no children."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("no /proc")
    assert children.read_text() == ""
    assert os.path.exists(server.kubeconfig)
