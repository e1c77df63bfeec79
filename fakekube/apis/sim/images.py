"""Image: what the containers of an image do. It counts for containers that are started afterwards.

The spec is what an entry of a file of images says as well (--images): both are judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version
from fakekube.apis.sim.definitions import GROUP, VERSION
from fakekube.machinery import references
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid, required
from fakekube.machinery.objects import Object

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What names of headers and methods consist of (RFC 7230)."""
USER = re.compile(r"[^\s:]*(:[^\s:]+)?")
RANGES: dict[str, tuple[float, float]] = {
    "exitCode": (0, 255),
    "onTerm": (0, 255),
    "exitAfter": (0, float("inf")),
    "pullSeconds": (0, float("inf")),
}
ANY_PATH = "*"


def validate(image: Object) -> Iterator[FieldError]:
    """An image needs a name, and every value has to make sense."""
    yield from validate_spec(image.get("spec") or {}, Path("spec"))


def validate_update(new: Object, _: Object) -> Iterator[FieldError]:
    """Everything may change."""
    yield from validate(new)


def validate_spec(spec: Object, path: Path) -> Iterator[FieldError]:
    """What is wrong with a description."""
    yield from _names(spec.get("names") or (), path / "names")
    if not USER.fullmatch(spec.get("user", "")):
        yield invalid(path / "user", spec["user"], "must be a user or user:group")
    if "workingDir" in spec and not spec["workingDir"].startswith("/"):
        yield invalid(path / "workingDir", spec["workingDir"], "must be an absolute path")
    for index, port in enumerate(spec.get("ports") or ()):
        yield from _within(port, 1, 65535, path / "ports" @ index)
    for index, route in enumerate(spec.get("http") or ()):
        yield from _route(route, path / "http" @ index)
    for field, (least, most) in RANGES.items():
        if spec.get(field) is not None:
            yield from _within(spec[field], least, most, path / field)
    yield from _keys(spec.get("env"), path / "env", lambda name: bool(name) and "=" not in name, "must be a name")
    yield from _keys(spec.get("files"), path / "files", lambda name: name.startswith("/"), "must be an absolute path")


def _names(names: Iterable[str], path: Path) -> Iterator[FieldError]:
    if not names:
        yield required(path, "which images are these?")
    seen = set()
    for index, name in enumerate(names):
        try:
            references.parse(name)
        except references.InvalidReference as error:
            yield invalid(path @ index, name, str(error))
        if name in seen:
            yield duplicate(path @ index, name)
        seen.add(name)


def _route(route: Object, path: Path) -> Iterator[FieldError]:
    yield from _within(route.get("port", 0), 1, 65535, path / "port")
    if not route.get("path", ANY_PATH).startswith(("/", ANY_PATH)):
        yield invalid(path / "path", route["path"], "must begin with / or be *")
    if not route.get("root", "/").startswith("/"):
        yield invalid(path / "root", route["root"], "must be an absolute path")
    if "status" in route:
        yield from _within(route["status"], 200, 599, path / "status")
    if not TOKEN.fullmatch(route.get("method") or "GET"):
        yield invalid(path / "method", route["method"], "must be an HTTP method")
    headers = route.get("headers") or {}
    yield from _keys(headers, path / "headers", lambda name: TOKEN.fullmatch(name) is not None, "must be a header")
    for name, value in headers.items():
        if "\r" in value or "\n" in value:
            yield invalid(path / "headers" @ name, value, "must be one line")


def _within(number: float, least: float, most: float, path: Path) -> Iterator[FieldError]:
    if not least <= number <= most:
        wanted = "not be negative" if most == float("inf") else f"be between {least} and {most}, inclusive"
        yield invalid(path, number, f"must {wanted}")


def _keys(found: Iterable[str] | None, path: Path, fits: Callable[[str], bool], wanted: str) -> Iterator[FieldError]:
    for name in found or ():
        if not fits(name):
            yield invalid(path, name, wanted)


def _described(image: Object, _: float) -> str:
    return ",".join(image["spec"].get("names") or ())


RESOURCE = Resource(
    group=GROUP,
    plural="images",
    singular="image",
    kind="Image",
    versions=(Version(VERSION, storage=True),),
    namespaced=False,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    columns=(
        NAME,
        Column("Images", "string", _described),
        Column("User", "string", ".spec.user"),
        Column("Pull Error", "string", ".spec.pullError", priority=1),
        AGE,
    ),
)
