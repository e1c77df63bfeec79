"""A small valid object of every kind that needs more than a name, by group, version and kind."""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _certificate_request() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ann")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return base64.b64encode(signed.public_bytes(serialization.Encoding.PEM)).decode()


POD: dict[str, Any] = {"containers": [{"name": "c", "image": "a"}]}
TEMPLATE: dict[str, Any] = {"metadata": {"labels": {"a": "b"}}, "spec": POD}
RUN_ONCE: dict[str, Any] = {"spec": {**POD, "restartPolicy": "Never"}}
SELECTOR = {"matchLabels": {"a": "b"}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
ROLE_REF = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "x"}
HOOK: dict[str, Any] = {
    "name": "a.example.com",
    "clientConfig": {"service": {"namespace": "n", "name": "s"}},
    "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
}
PSP = {
    "runAsUser": {"rule": "RunAsAny"},
    "fsGroup": {"rule": "RunAsAny"},
    "seLinux": {"rule": "RunAsAny"},
    "supplementalGroups": {"rule": "RunAsAny"},
}
SUBJECT = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "ann"}
INGRESS_PATH_V1 = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}}
TARGET = {"kind": "Deployment", "name": "x", "apiVersion": "apps/v1"}
RULE = {"verbs": ["get"], "apiGroups": [""], "resources": ["a"]}
ABOUT = {"kind": "Pod", "namespace": "d", "name": "p"}
LIST = {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}}}
WIDGET = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": LIST}}}}
FIELDS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "Endpoints"): {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]},
    ("", "Event"): {"involvedObject": ABOUT, "reason": "R", "type": "Normal"},
    ("", "LimitRange"): {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}},
    ("", "PersistentVolumeClaim"): {"spec": CLAIM},
    ("", "PersistentVolume"): {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/x"},
        }
    },
    ("", "Pod"): {"spec": POD},
    ("", "PodTemplate"): {"template": TEMPLATE},
    ("", "ReplicationController"): {"spec": {"selector": {"a": "b"}, "template": TEMPLATE}},
    ("", "ResourceQuota"): {"spec": {"hard": {"pods": "1"}}},
    ("", "Secret"): {"data": {"a": "YQ=="}},
    ("", "Service"): {"spec": {"ports": [{"port": 80}]}},
    ("apiextensions.k8s.io", "CustomResourceDefinition"): {
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": WIDGET}}],
        }
    },
    ("apiregistration.k8s.io", "APIService"): {
        "spec": {"group": "example.com", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1}
    },
    ("apps", "DaemonSet"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("apps", "Deployment"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("apps", "ReplicaSet"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("apps", "StatefulSet"): {"spec": {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "s"}},
    ("apps", "ControllerRevision"): {"revision": 1, "data": {"a": 1}},
    ("events.k8s.io", "Event"): {
        "regarding": ABOUT,
        "reason": "R",
        "type": "Normal",
        "action": "a",
        "eventTime": "2021-01-30T12:00:00.000001Z",
        "reportingController": "c",
        "reportingInstance": "i",
    },
    ("extensions", "Ingress"): {"spec": {"backend": {"serviceName": "s", "servicePort": 80}}},
    ("autoscaling", "HorizontalPodAutoscaler"): {"spec": {"maxReplicas": 2, "scaleTargetRef": TARGET}},
    ("batch", "Job"): {"spec": {"template": RUN_ONCE}},
    ("batch", "CronJob"): {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": RUN_ONCE}}}},
    ("certificates.k8s.io", "CertificateSigningRequest"): {
        "spec": {"request": _certificate_request(), "signerName": "example.com/s", "usages": ["client auth"]}
    },
    ("networking.k8s.io", "IngressClass"): {"spec": {"controller": "example.com/c"}},
    ("networking.k8s.io", "Ingress"): {"spec": {"rules": [{"http": {"paths": [INGRESS_PATH_V1]}}]}},
    ("networking.k8s.io", "NetworkPolicy"): {"spec": {"podSelector": {}, "ingress": [{}]}},
    ("policy", "PodDisruptionBudget"): {"spec": {"minAvailable": 1, "selector": SELECTOR}},
    ("policy", "PodSecurityPolicy"): {"spec": PSP},
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): {"roleRef": ROLE_REF, "subjects": [SUBJECT]},
    ("rbac.authorization.k8s.io", "RoleBinding"): {"roleRef": ROLE_REF, "subjects": [SUBJECT]},
    ("rbac.authorization.k8s.io", "ClusterRole"): {
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["a"]}]
    },
    ("rbac.authorization.k8s.io", "Role"): {"rules": [RULE]},
    ("storage.k8s.io", "CSIDriver"): {"spec": {}},
    ("storage.k8s.io", "CSINode"): {"spec": {"drivers": [{"name": "d", "nodeID": "n"}]}},
    ("storage.k8s.io", "StorageClass"): {"provisioner": "example.com/p"},
    ("storage.k8s.io", "VolumeAttachment"): {
        "spec": {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "v"}}
    },
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): {"webhooks": [HOOK]},
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): {"webhooks": [HOOK]},
    ("scheduling.k8s.io", "PriorityClass"): {"value": 1},
    ("coordination.k8s.io", "Lease"): {"spec": {"holderIdentity": "h"}},
    ("node.k8s.io", "RuntimeClass"): {"handler": "h"},
    ("discovery.k8s.io", "EndpointSlice"): {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]},
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): {
        "spec": {"priorityLevelConfiguration": {"name": "x"}, "matchingPrecedence": 100}
    },
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): {
        "spec": {"type": "Limited", "limited": {"assuredConcurrencyShares": 5, "limitResponse": {"type": "Reject"}}}
    },
    ("sim.fakekube.dev", "Fault"): {"spec": {"code": 503}},
    ("sim.fakekube.dev", "Image"): {"spec": {"names": ["x"]}},
}
"""In the shape of the first version that a kind is served in; most have the same in all versions."""
