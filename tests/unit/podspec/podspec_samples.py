"""Random pod specs of the right types with values that are good, bad and absurd."""

from __future__ import annotations

from random import Random
from typing import Any

from fakekube.apis import schema
from fakekube.machinery.schema import Form, Type

TEXTS = (
    "", "a", "b-c", "v", "Bad_", "x/y", "..", "../x", "/abs", " spaced ", "a" * 70, "ü", "nginx", "nginx:1.19",
    "Always", "None", "Exists", "In", "Gt", "Localhost", "NoExecute", "TCP", "v1", "metadata.labels['a']",
    "metadata.name", "limits.cpu", "iqn.2001-04.com.example:x", "d\\u", "1.2.3.4", "Bidirectional",
)  # fmt: skip
NUMBERS = (0, 1, -1, 80, 255, 256, 511, 512, 65536, 2**31 - 1, 2**31)
QUANTITIES = ("0", "1", "100m", "1Gi", "-1", "1500m", "100u", "1e3")
KEYS = ("cpu", "memory", "hugepages-2Mi", "example.com/x", "foo", "a b")
LEAVES: dict[Form, tuple[Any, ...]] = {
    Form.STRING: TEXTS,
    Form.INTEGER: NUMBERS,
    Form.NUMBER: NUMBERS,
    Form.BOOLEAN: (True, False),
    Form.QUANTITY: QUANTITIES,
    Form.INT_OR_STRING: (0, 80, "http", "Bad_", ""),
    Form.BYTES: ("YQ==",),
    Form.TIME: ("2020-01-01T00:00:00Z",),
    Form.MICRO_TIME: ("2020-01-01T00:00:00.000000Z",),
    Form.ANY: ({},),
}
SCHEMA = schema.load()
POD_SPEC = SCHEMA.definition("io.k8s.api.core.v1.PodSpec")
TEMPLATE_SPEC = SCHEMA.definition("io.k8s.api.core.v1.PodTemplateSpec")


def sample(random: Random, type_: Type, density: float) -> Any:
    """A value of the type in which every field is there with that probability."""
    if type_.form is Form.OBJECT:
        return {
            name: sample(random, field.type, density)
            for name, field in type_.fields.items()
            if random.random() < (0.8 if field.required else density)
        }
    if type_.form is Form.LIST and type_.element is not None:
        return [sample(random, type_.element, density) for _ in range(random.randrange(3))]
    if type_.form is Form.MAP and type_.element is not None:
        return {random.choice(KEYS): sample(random, type_.element, density) for _ in range(random.randrange(3))}
    return random.choice(LEAVES[type_.form])


def pod_spec(seed: int) -> dict[str, Any]:
    """A pod spec; the same for the same seed."""
    random = Random(seed)
    spec: dict[str, Any] = sample(random, POD_SPEC, random.choice((0.05, 0.15, 0.3)))
    return spec


def template(seed: int) -> dict[str, Any]:
    """A pod template; the same for the same seed."""
    random = Random(seed)
    made: dict[str, Any] = sample(random, TEMPLATE_SPEC, random.choice((0.05, 0.15, 0.3)))
    return made
