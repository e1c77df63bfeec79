"""Options: every setting once, with its default. Flags, the fixtures' marker and the reference derive from it.

Names are kube-apiserver's where it has the flag; `flag` metadata says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any


def option(default: Any, help_: str, **more: Any) -> Any:
    """A field with its help text; `range` (least, most) and `check` (raises ValueError) say what values it may have."""
    metadata = {"help": help_, **more}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
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
        ["Node", "RBAC"], "Authorizers in order: Node, RBAC, AlwaysAllow, AlwaysDeny."
    )
    enable_admission_plugins: list[str] = option(
        ["NodeRestriction"], "Admission plugins to switch on besides the default ones."
    )
    disable_admission_plugins: list[str] = option([], "Admission plugins to switch off.")
    advertise_simulation_api: bool = option(False, "List sim.fakekube.dev in /apis, which no real server has.")
    admission_control_config_file: Path | None = option(None, "YAML with the configurations of admission plugins.")
    audit_log_path: Path | None = option(None, "File for audit events, one JSON document a line; - is the terminal.")
    audit_policy_file: Path | None = option(
        None, "YAML with the audit policy. Without it every request is recorded at level Metadata."
    )
    anonymous_auth: bool = option(True, "Requests without credentials are system:anonymous.")
    max_requests_inflight: int = option(
        400, "Reading requests that are served at a time, watches apart; 0: any number."
    )
    max_mutating_requests_inflight: int = option(200, "Other requests that are served at a time; 0: any number.")
    service_cluster_ip_range: str = option("10.96.0.0/12", "CIDR from which services get their IPs.", check=ip_network)
    service_account_issuer: str = option("https://kubernetes.default.svc.cluster.local", "Issuer of tokens.")
    kubernetes_version: str = option("1.20", "Release whose API is served.")
    write_kubeconfig: Path | None = option(None, "Where to write the admin's kubeconfig.")
    nodes: int = option(1, "Number of simulated nodes: fakekube-node-1 and so on. 0: pods stay Pending.")
    images: Path | None = option(None, "YAML file that describes images, beside those that are known.")
