"""Options: every setting once, with its default. Flags, the fixtures' marker and the reference derive from it.

Names are kube-apiserver's where it has the flag; `flag` metadata says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any


def option(default: Any, help_: str, **more: Any) -> Any:
    """A field with its help text; `range` (least, most) and `check` (raises ValueError) say what values it may have."""
    metadata = {"help": help_, **more}
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a control plane is built from."""

    bind_address: str = option("127.0.0.1", "Address to listen on.")
    secure_port: int = option(6443, "Port to listen on with TLS; 0 picks a free one.", range=(0, 65535))
    cert_dir: Path | None = option(None, "Folder for the CA and its keys; made and reused. Default: nothing is kept.")
    client_ca_file: Path | None = option(None, "PEM of further authorities whose client certificates are accepted.")
    token_auth_file: Path | None = option(None, 'CSV of static tokens: token,user,uid,"group1,group2".')
    authorization_mode: list[str] = option(
        ["Node", "RBAC"], "Authorizers in order: Node, RBAC, ABAC, Webhook, AlwaysAllow, AlwaysDeny."
    )
    authorization_policy_file: Path | None = option(None, "Policies of the mode ABAC, one JSON document a line.")
    authorization_webhook_config_file: Path | None = option(
        None, "Kubeconfig of the server that the mode Webhook asks with SubjectAccessReviews."
    )
    authorization_webhook_version: str = option("v1beta1", "Version of those: v1 or v1beta1.")
    authorization_webhook_cache_authorized_ttl: timedelta = option(
        timedelta(minutes=5), "How long its answers count when they allow."
    )
    authorization_webhook_cache_unauthorized_ttl: timedelta = option(
        timedelta(seconds=30), "How long its answers count when they do not."
    )
    authentication_token_webhook_config_file: Path | None = option(
        None, "Kubeconfig of a server that is asked with TokenReviews whose a token is."
    )
    authentication_token_webhook_version: str = option("v1beta1", "Version of those: v1 or v1beta1.")
    authentication_token_webhook_cache_ttl: timedelta = option(
        timedelta(minutes=2), "How long its answers count; 0s: they are not kept."
    )
    oidc_issuer_url: str = option("", "OpenID issuer whose ID tokens are accepted; https only.")
    oidc_client_id: str = option("", "For whom the issuer's tokens have to be; must be set with the issuer.")
    oidc_ca_file: Path | None = option(None, "PEM of the issuer's authorities. Default: the system's.")
    oidc_username_claim: str = option("sub", "Claim that holds the user's name.")
    oidc_username_prefix: str = option(
        "", "What is put before it; - for nothing. Default: the issuer's URL and #, but nothing before an email."
    )
    oidc_groups_claim: str = option("", "Claim that holds the user's groups.")
    oidc_groups_prefix: str = option("", "What is put before each of them.")
    oidc_signing_algs: list[str] = option(["RS256"], "Signing algorithms that the issuer may use.")
    oidc_required_claim: dict[str, str] = option({}, "CLAIM=VALUE that tokens must have; may be given several times.")
    api_audiences: list[str] = option(
        [], "For whom service account tokens have to be to be accepted. Default: the issuer of such tokens."
    )
    enable_admission_plugins: list[str] = option(
        ["NodeRestriction"], "Admission plugins to switch on besides the default ones."
    )
    disable_admission_plugins: list[str] = option([], "Admission plugins to switch off.")
    advertise_simulation_api: bool = option(False, "List sim.fakekube.dev in /apis, which no real server has.")
    admission_control_config_file: Path | None = option(None, "YAML with the configurations of admission plugins.")
    audit_log_path: Path | None = option(None, "File for audit events, one a line; - is the terminal.")
    audit_log_format: str = option("json", "How events are written: json or legacy (text).")
    audit_log_maxsize: int = option(0, "Megabytes of the audit log until another file is begun; 0 is 100.")
    audit_log_maxbackup: int = option(0, "Older audit logs to keep; 0: all.")
    audit_log_maxage: int = option(0, "Days for which older audit logs are kept; 0: for ever.")
    audit_policy_file: Path | None = option(
        None, "YAML with the audit policy. Without it every request is recorded at level Metadata."
    )
    anonymous_auth: bool = option(True, "Requests without credentials are system:anonymous.")
    request_timeout: timedelta = option(
        timedelta(minutes=1), "How long a request may take that is no watch and no stream. Default: 1m."
    )
    min_request_timeout: int = option(
        1800, "Seconds that a watch lasts at least which does not say how long; at most twice as many."
    )
    max_requests_inflight: int = option(
        400, "Reading requests that are served at a time, watches apart; 0: any number."
    )
    max_mutating_requests_inflight: int = option(200, "Other requests that are served at a time; 0: any number.")
    service_cluster_ip_range: str = option("10.96.0.0/12", "CIDR from which services get their IPs.", check=ip_network)
    service_account_issuer: str = option("https://kubernetes.default.svc.cluster.local", "Issuer of tokens.")
    cluster_signing_cert_file: Path | None = option(
        None,
        "PEM of the authority that signs CertificateSigningRequests. Default: the cluster's own, unless a signer has "
        "one for itself; the others then do not sign.",
    )
    cluster_signing_key_file: Path | None = option(None, "PEM of its private key.")
    cluster_signing_duration: timedelta = option(
        timedelta(days=365), "How long signed certificates last; none outlives its authority."
    )
    cluster_signing_kubelet_serving_cert_file: Path | None = option(
        None, "PEM of the authority of the signer kubernetes.io/kubelet-serving alone."
    )
    cluster_signing_kubelet_serving_key_file: Path | None = option(None, "PEM of its private key.")
    cluster_signing_kubelet_client_cert_file: Path | None = option(
        None, "PEM of the authority of the signer kubernetes.io/kube-apiserver-client-kubelet alone."
    )
    cluster_signing_kubelet_client_key_file: Path | None = option(None, "PEM of its private key.")
    cluster_signing_kube_apiserver_client_cert_file: Path | None = option(
        None, "PEM of the authority of the signer kubernetes.io/kube-apiserver-client alone."
    )
    cluster_signing_kube_apiserver_client_key_file: Path | None = option(None, "PEM of its private key.")
    cluster_signing_legacy_unknown_cert_file: Path | None = option(
        None, "PEM of the authority of the signer kubernetes.io/legacy-unknown alone."
    )
    cluster_signing_legacy_unknown_key_file: Path | None = option(None, "PEM of its private key.")
    kubernetes_version: str = option("1.20", "Release whose API is served.")
    write_kubeconfig: Path | None = option(None, "Where to write the admin's kubeconfig.")
    controllers: list[str] = option(
        ["*", "bootstrapsigner", "tokencleaner"],
        "kube-controller-manager's controllers that run here, and the scheduler: foo is in, -foo is out, * is all that "
        "are on by default. Nothing: none.",
    )
    nodes: int = option(1, "Number of simulated nodes: fakekube-node-1 and so on. 0: pods stay Pending.")
    images: Path | None = option(None, "YAML file that describes images, beside those that are known.")
