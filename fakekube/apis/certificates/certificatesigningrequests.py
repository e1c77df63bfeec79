"""CertificateSigningRequest. Follows pkg/registry/certificates of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="certificates.k8s.io",
    plural="certificatesigningrequests",
    kind="CertificateSigningRequest",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
    short_names=("csr",),
    subresources=(
        Subresource("approval"),
        Subresource("status"),
    ),
)
