"""Defaults of a pod spec. Follows pkg/apis/core/v1/defaults.go of v1.20."""

from __future__ import annotations

from fakekube.machinery.objects import Object


def default_pod_spec(spec: Object) -> None:
    """Fill in what a pod spec leaves out, wherever it is embedded."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")


def default_pod_template(template: Object) -> None:
    """Fill in what a pod template leaves out."""
    default_pod_spec(template.setdefault("spec", {}))
