"""Which authority signs for which signer: --cluster-signing-*. Follows kube-controller-manager's csrsigning options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from fakekube.machinery.goformat import aggregate, quote
from fakekube.options import Options
from fakekube.pki.authority import Authority
from fakekube.pki.signers import API_SERVER_CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY_UNKNOWN, SIGNERS

BOTH_SORTS = (
    "cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time"
)


class Files(NamedTuple):
    """A certificate and its key, PEM."""

    certificate: Path | None
    key: Path | None

    def fault(self) -> str:
        """Why they are no pair; "" if they are one, or none is given."""
        if self.certificate is None and self.key is not None:
            return "cannot specify key without cert"
        if self.certificate is not None and self.key is None:
            return "cannot specify cert without key"
        return ""


class ClusterSigning:
    """The built-in signers that have an authority."""

    def __init__(self, authorities: Mapping[str, Authority], lifetime: timedelta) -> None:
        self._authorities = authorities
        self._lifetime = lifetime

    def signs(self, signer: str) -> bool:
        """Whether requests for that signer are signed here."""
        return signer in self._authorities

    def sign(self, signer: str, request: bytes, usages: Sequence[str], now: float) -> bytes:
        """`Authority.sign`, by the signer's authority. Raises SigningRefused."""
        return self._authorities[signer].sign(request, usages, self._lifetime, now)


def build(options: Options, own: Authority) -> ClusterSigning:
    """What the options ask for; if they name no file, the cluster's own authority signs everything. Raises ValueError.

    As soon as one signer has files of its own, those without any do not sign.
    """
    general = Files(options.cluster_signing_cert_file, options.cluster_signing_key_file)
    each = {
        KUBELET_SERVING: Files(
            options.cluster_signing_kubelet_serving_cert_file, options.cluster_signing_kubelet_serving_key_file
        ),
        KUBELET_CLIENT: Files(
            options.cluster_signing_kubelet_client_cert_file, options.cluster_signing_kubelet_client_key_file
        ),
        API_SERVER_CLIENT: Files(
            options.cluster_signing_kube_apiserver_client_cert_file,
            options.cluster_signing_kube_apiserver_client_key_file,
        ),
        LEGACY_UNKNOWN: Files(
            options.cluster_signing_legacy_unknown_cert_file, options.cluster_signing_legacy_unknown_key_file
        ),
    }
    if faults := list(_faults(general, each)):
        raise ValueError(aggregate(faults))
    if any(any(files) for files in each.values()):
        authorities = {signer: _read(signer, files) for signer, files in each.items() if any(files)}
    else:
        authority = _read(KUBELET_SERVING, general) if any(general) else own
        authorities = dict.fromkeys(SIGNERS, authority)
    return ClusterSigning(authorities, options.cluster_signing_duration)


def _faults(general: Files, each: Mapping[str, Files]) -> Iterator[str]:
    for signer, files in (*each.items(), ("", general)):
        if fault := files.fault():
            yield f"{quote(_CALLED[signer])}: {fault}"
    if any(general) and any(any(files) for files in each.values()):
        yield BOTH_SORTS


_CALLED = {
    KUBELET_SERVING: "cluster-signing-kubelet-serving",
    KUBELET_CLIENT: "cluster-signing-kube-apiserver-client",
    API_SERVER_CLIENT: "cluster-signing-kube-apiserver",
    LEGACY_UNKNOWN: "cluster-signing-legacy-unknown",
    "": "cluster-signing",
}
"""What the real one's messages call them, which is not always the flags' name. It lets half a general pair pass, and
then signs nothing at all."""


def _read(signer: str, files: Files) -> Authority:
    assert files.certificate is not None
    assert files.key is not None
    try:
        return Authority.read(files.certificate.read_bytes(), files.key.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        why = f"error reading CA cert file {quote(str(files.certificate))}: {error}"
        raise ValueError(f"failed to start {signer} certificate controller: {why}") from None
