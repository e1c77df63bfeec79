"""Whatever a client sends is answered, and never by a fault of the server's own.

A 500 that the real server gives as well (Impersonate-Group without a user, say) is no fault: `fakekube.check` knows.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from fakekube.testing import Cluster

PLACES = [
    "/", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/version", "/healthz", "/metrics", "/openapi/v2",
    "/api/v1/pods", "/api/v1/nodes", "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/pods/p",
    "/api/v1/namespaces/default/pods/p/status", "/api/v1/namespaces/default/pods/p/log",
    "/api/v1/namespaces/default/pods/p/exec", "/api/v1/namespaces/default/pods/p/binding",
    "/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/configmaps/c",
    "/api/v1/namespaces/default/services", "/api/v1/namespaces/default/secrets/s",
    "/api/v1/namespaces/default/serviceaccounts/default/token", "/api/v1/namespaces/default", "/api/v1/namespaces",
    "/apis/apps/v1/namespaces/default/deployments", "/apis/apps/v1/namespaces/default/deployments/d/scale",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/policy/v1beta1/podsecuritypolicies",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "/apis/authentication.k8s.io/v1/tokenreviews",
    "/apis/certificates.k8s.io/v1/certificatesigningrequests", "/apis/batch/v1/namespaces/default/jobs",
    "/apis/meta.k8s.io/v1", "/apis/x/y/z",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
MEDIA = [
    "application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json",
    "application/strategic-merge-patch+json", "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf",
    "text/plain", "", ";;;",
]  # fmt: skip
ACCEPTED = [
    "application/json", "application/yaml", "*/*", "", "text/html", "application/vnd.kubernetes.protobuf",
    "application/json;as=Table;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/json;as=;g=;v=", ",,,;q=x",
]  # fmt: skip
HEADERS = ["Impersonate-User", "Impersonate-Group", "Impersonate-Extra-a", "X-Remote-User", "Connection", "Upgrade"]
PARAMETERS = [
    "limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "dryRun",
    "fieldManager", "force", "pretty", "timeout", "gracePeriodSeconds", "propagationPolicy", "includeObject",
    "tailLines", "command", "container", "orphanDependents", "export", "exact",
]  # fmt: skip
VALUES = [
    "",
    "0",
    "1",
    "-1",
    "abc",
    "true",
    "All",
    "a=b",
    "a in (",
    "metadata.name=x",
    "spec.nodeName!=",
    "9" * 30,
    "%00",
    "é",
]

leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
KEYS = [
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "labels",
    "annotations",
    "uid",
    "resourceVersion",
    "finalizers",
    "ownerReferences",
    "spec",
    "status",
    "data",
    "containers",
    "image",
    "ports",
    "replicas",
    "selector",
    "template",
    "rules",
    "subjects",
    "roleRef",
    "verbs",
    "op",
    "path",
    "value",
    "$patch",
    "managedFields",
    "creationTimestamp",
    "type",
    "user",
]
keys = st.one_of(st.sampled_from(KEYS), st.text(max_size=6))
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5), max_leaves=20
)
KINDS = [
    ("v1", "Pod"),
    ("v1", "ConfigMap"),
    ("apps/v1", "Deployment"),
    ("v1", "Service"),
    ("batch/v1", "Job"),
    ("v1", "Secret"),
]


@st.composite
def objects(draw: st.DrawFn) -> Any:
    """Something like an object: of a known kind, with a name, and with anything else in it."""
    version, kind = draw(st.sampled_from(KINDS))
    found = draw(st.dictionaries(keys, trees, max_size=4))
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "p"}, **found}


bodies = st.one_of(
    st.none(),
    st.binary(max_size=60),
    trees.map(lambda tree: json.dumps(tree).encode("utf-8", "surrogatepass")),
    objects().map(lambda tree: json.dumps(tree).encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"[" * 5_000, b'{"a":' * 5_000, b"a: &a [*a]", b"k8s\x00\x0a\xff", b"\xff\xfe", b"--- \n...\n{", b"NaN"]
    ),
)
tokens = st.text(alphabet=string.ascii_letters + string.digits + "._-", max_size=40)
paths = st.one_of(
    st.sampled_from(PLACES),
    st.builds(
        lambda place, tail: f"{place}/{tail}",
        st.sampled_from(PLACES),
        st.text(alphabet=string.ascii_letters + "/.-%20:~", max_size=12).map(lambda text: text.replace("%", "%25")),
    ),
)


class Connection:
    """A kept connection that is made anew when the server has closed it."""

    def __init__(self, cluster: Cluster) -> None:
        self._context = ssl.create_default_context(cadata=cluster.ca.decode())
        self._context.load_cert_chain(*_files(cluster))
        self._address = cluster.url.removeprefix("https://")
        self._open()

    def _open(self) -> None:
        self._connection = http.client.HTTPSConnection(self._address, context=self._context, timeout=20)

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> int:
        """The status."""
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (http.client.HTTPException, ConnectionError, ssl.SSLError):
            self._connection.close()
            self._open()
            return 0
        return answer.status

    def close(self) -> None:
        self._connection.close()


def _files(cluster: Cluster) -> tuple[str, str]:
    import base64

    import yaml

    user = yaml.safe_load(cluster.kubeconfig.read_text())["users"][0]["user"]
    files = []
    for name in ("client-certificate-data", "client-key-data"):
        path = cluster.kubeconfig.with_name(name)
        path.write_bytes(base64.b64decode(user[name]))
        path.chmod(0o600)
        files.append(str(path))
    return files[0], files[1]


@pytest.fixture
def connection(fakekube: Cluster) -> Iterator[Connection]:
    opened = Connection(fakekube)
    yield opened
    opened.close()


fuzzed = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@fuzzed
@given(
    st.sampled_from(METHODS), paths, st.dictionaries(st.sampled_from(PARAMETERS), st.sampled_from(VALUES), max_size=3),
    st.sampled_from(MEDIA), st.sampled_from(ACCEPTED), bodies,
)  # fmt: skip
def test_requests(
    fakekube: Cluster, connection: Connection, method: str, path: str, query: dict[str, str], media: str, accept: str,
    body: bytes | None,
) -> None:  # fmt: skip
    text = "&".join(f"{name}={quote(value, safe='%=,')}" for name, value in query.items())
    headers = {"Content-Type": media, "Accept": accept}
    status = connection.send(method, f"{path}?{text}", body, headers)
    assert status, f"{method} {path}?{text} {headers} {body!r}"
    fakekube.check()


@fuzzed
@given(
    st.one_of(tokens, tokens.map("Bearer {}".format), st.just("Basic YTpi"), st.just("Bearer"), st.just("Bearer a b")),
    st.dictionaries(
        st.sampled_from(HEADERS),
        st.text(alphabet=string.ascii_letters + ":, ", max_size=20), max_size=3,
    ),
)  # fmt: skip
def test_credentials(fakekube: Cluster, connection: Connection, token: str, headers: dict[str, str]) -> None:
    status = connection.send("GET", "/api/v1/pods", None, {"Authorization": token, **headers})
    assert status, f"{token!r} {headers}"
    fakekube.check()


@fuzzed
@given(st.binary(max_size=300))
def test_bytes_that_are_no_http(fakekube: Cluster, data: bytes) -> None:
    host, _, port = fakekube.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cadata=fakekube.ca.decode())
    answer = b""
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(data + b"\r\n\r\n")
        secure.settimeout(0.1)  # it may be the beginning of something that the server waits for
        with contextlib.suppress(TimeoutError):
            answer = secure.recv(64)
    assert not answer.startswith(b"HTTP/1.1 5"), data
    assert fakekube.admin.get("/healthz").status == 200
