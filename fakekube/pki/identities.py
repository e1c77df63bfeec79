"""The certificates that a control plane begins with, and the administrator's kubeconfig."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from msgspec import Struct

from fakekube.machinery.objects import Object
from fakekube.pki.authority import Authority, KeyPair

SERVING_USAGES = ("digital signature", "key encipherment", "server auth")
SERVING_DAYS = 820
"""More than some systems' verification puts up with is 825."""
ADMIN_DAYS = 3650
"""As long as the authority: a test that moves the clock by years keeps its administrator."""
CLUSTER_NAMES = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "127.0.0.1",
    "::1",
)


class Identities(Struct, frozen=True):
    """Two authorities, as kubeadm makes them, and the pairs that the first one issued."""

    ca: Authority
    front_proxy_ca: Authority
    """Vouches for proxies that authenticate users on their own (--requestheader-client-ca-file)."""
    serving: KeyPair
    admin: KeyPair
    front_proxy_client: KeyPair
    """What the server itself shows when it passes a user's request on to an extension server."""


def serving_names(bind_address: str, service_address: str) -> tuple[str, ...]:
    """By what names clients reach the server. `service_address` is the cluster IP of the service "kubernetes"."""
    unspecified = bind_address in ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return (*CLUSTER_NAMES, service_address, *(() if unspecified else (bind_address,)))


def make_identities(names: tuple[str, ...], cert_dir: Path | None = None, now: float | None = None) -> Identities:
    """Issue everything anew; with a `cert_dir` under the authorities that are kept there, so that old clients stay."""
    ca = _authority("kubernetes", "ca", cert_dir, now)
    front_proxy_ca = _authority("front-proxy-ca", "front-proxy-ca", cert_dir, now)
    return Identities(
        ca=ca,
        front_proxy_ca=front_proxy_ca,
        serving=ca.issue("kube-apiserver", usages=SERVING_USAGES, sans=names, days=SERVING_DAYS, now=now),
        front_proxy_client=front_proxy_ca.issue("front-proxy-client", days=ADMIN_DAYS, now=now),
        admin=ca.issue("kubernetes-admin", ("system:masters",), days=ADMIN_DAYS, now=now),
    )


def _authority(common_name: str, file_name: str, folder: Path | None, now: float | None) -> Authority:
    kept = Authority.load(folder, file_name) if folder else None
    if kept is not None:
        return kept
    made = Authority.make(common_name, now=now)
    if folder:
        made.save(folder, file_name)
    return made


def kubeconfig(
    server: str,
    ca: bytes,
    user: KeyPair | str,
    *,
    cluster_name: str = "fakekube",
    user_name: str = "kubernetes-admin",
    namespace: str = "",
) -> Object:
    """A kubeconfig document with everything embedded; `user` is a certificate pair or a bearer token."""
    if isinstance(user, str):
        auth: Object = {"token": user}
    else:
        auth = {"client-certificate-data": _base64(user.certificate), "client-key-data": _base64(user.key)}
    context = {"cluster": cluster_name, "user": user_name, **({"namespace": namespace} if namespace else {})}
    name = f"{user_name}@{cluster_name}"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster_name, "cluster": {"server": server, "certificate-authority-data": _base64(ca)}}],
        "users": [{"name": user_name, "user": auth}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
        "preferences": {},
    }


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
