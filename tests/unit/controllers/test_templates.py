from __future__ import annotations

from typing import Any

import pytest

from fakekube.controllers.shared import goprint
from fakekube.controllers.shared.templates import template_hash
from fakekube.machinery.objects import Object


def template(app: str, image: str, **container: Any) -> Object:
    """As the server has it, with all defaults."""
    made = {"name": image.partition(":")[0], "image": image, "imagePullPolicy": "Always", "resources": {}, **container}
    made |= {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
    spec = {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst"}
    spec |= {"securityContext": {}, "schedulerName": "default-scheduler", "containers": [made]}
    return {"metadata": {"creationTimestamp": None, "labels": {"app": app}}, "spec": spec}


def test_the_hash_is_the_one_of_every_1_20_cluster() -> None:
    """Everybody who followed a tutorial has seen it: kubectl create deployment nginx --image=nginx."""
    assert template_hash(template("nginx", "nginx")) == "6799fc88d8"


def test_collisions_change_the_hash() -> None:
    nginx = template("nginx", "nginx")
    assert len({template_hash(nginx), template_hash(nginx, 0), template_hash(nginx, 1)}) == 3


@pytest.mark.parametrize(("text", "shown"), [
    ("100m", "value:(int64)100 scale:(resource.Scale)-3} {} s:(string)100m Format:(resource.Format)DecimalSI"),
    ("1.5", "value:(int64)15 scale:(resource.Scale)-1} {} s:(string) Format:(resource.Format)DecimalSI"),
    ("256Mi", "value:(int64)268435456 scale:(resource.Scale)0} {} s:(string) Format:(resource.Format)BinarySI"),
    ("1Gi", "value:(int64)1073741824 scale:(resource.Scale)0} {} s:(string)1Gi Format:(resource.Format)BinarySI"),
    ("1e3", "value:(int64)1 scale:(resource.Scale)3} {} s:(string)1e3 Format:(resource.Format)DecimalExponent"),
    ("0", "value:(int64)0 scale:(resource.Scale)0} {} s:(string)0 Format:(resource.Format)DecimalSI"),
])  # fmt: skip
def test_quantities(text: str, shown: str) -> None:
    asked = template("a", "b", resources={"limits": {"cpu": text}})
    exact = "d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}"
    assert shown.replace("{}", exact) in goprint.template_text(asked)


def test_ports_by_name_and_number() -> None:
    probe = {"httpGet": {"port": "http", "path": "/"}, "initialDelaySeconds": 3}
    text = goprint.template_text(template("a", "b", livenessProbe=probe, ports=[{"containerPort": 80}]))
    assert "Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)http}" in text
    assert "Ports:([]v1.ContainerPort)[{Name:(string) HostPort:(int32)0 ContainerPort:(int32)80" in text
