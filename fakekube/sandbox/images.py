"""Images as data: who runs, what runs, what it answers, what is on its file system. Loaded when first asked for.

`images.yaml` beside this module describes the well-known ones; a file of the user's may add to them and replace them.
An image that nobody describes runs, idles and listens on the ports that its container names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from fakekube.sandbox import references

DESCRIPTIONS = Path(__file__).with_name("images.yaml")


class ImageError(ValueError):
    """A file of image descriptions is not as it should be."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a container of the image answers on HTTP; a path that ends with "*" matches all that begin so."""

    port: int
    path: str = "*"
    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    """Any if empty."""
    root: str = ""
    """A folder whose files are the answers; what is not there is left to the routes that follow."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image. The fields are those of images.yaml, which tells what each means."""

    name: str
    known: bool = True
    """False: nobody described it."""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    working_dir: str = "/"
    ports: tuple[int, ...] = ()
    http: tuple[Route, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    shell: bool = True
    log: tuple[str, ...] = ()
    serves: bool = True
    exit_code: int | None = None
    exit_after: float = 0.0
    on_term: int | None = 0
    preloaded: bool = True
    pull_seconds: float | None = None
    pull_error: str = ""

    @property
    def uid(self) -> int | None:
        """The number of the user that the image runs as; None for one that is given by name."""
        user = self.user.partition(":")[0] or "0"
        return int(user) if user.isdigit() else None

    @property
    def argv(self) -> tuple[str, ...]:
        """What runs if the container says nothing."""
        return self.entrypoint + self.cmd


class Images:
    """All descriptions: those that came with the package, and those of files and objects of the user's."""

    def __init__(self, *files: Path) -> None:
        self._files = (DESCRIPTIONS, *files)
        self._added: dict[str, Image] = {}

    def find(self, image: str) -> Image:
        """The image of a valid reference: described with that very tag, without a tag, or unknown."""
        reference = references.parse(image)
        for name in (f"{reference.name}:{reference.tag}", reference.name):
            found = self._added.get(name) or self._described.get(name)
            if found is not None:
                return replace(found, name=image)
        return unknown(image, reference)

    def check(self) -> Self:
        """Read the files now. Raises ImageError."""
        self._described  # noqa: B018
        return self

    def add(self, description: Mapping[str, Any]) -> None:
        """Describe a further image, or one anew. Raises ImageError."""
        self._added.update(_named(description))

    @cached_property
    def _described(self) -> dict[str, Image]:
        described: dict[str, Image] = {}
        for path in self._files:
            for description in load(path):
                described.update(_named(description))
        return described


def unknown(image: str, reference: references.Reference) -> Image:
    """An image that nobody described. A registry whose name cannot exist (RFC 2606) cannot be pulled from."""
    error = ""
    if reference.domain.rpartition(".")[2].partition(":")[0] == "invalid":
        host = reference.domain
        where = f"{host}/{reference.path}:{reference.tag}"
        error = (
            f'rpc error: code = Unknown desc = failed to pull and unpack image "{where}": failed to resolve reference '
            f'"{where}": failed to do request: Head "https://{host}/v2/{reference.path}/manifests/{reference.tag}": '
            f"dial tcp: lookup {host.partition(':')[0]}: no such host"
        )
    return Image(image, known=False, preloaded=False, pull_error=error)


def load(path: Path) -> Iterable[Mapping[str, Any]]:
    """The descriptions in a file. Raises ImageError."""
    import yaml

    try:
        document = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise ImageError(f"{path}: {error}") from None
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        raise ImageError(f'{path}: a mapping with a list "images" is expected')
    return images


FIELDS = {one.name for one in fields(Image)} - {"name", "known"}


def _named(description: Mapping[str, Any]) -> dict[str, Image]:
    """The described image under each of its names."""
    rest = dict(description)
    names = rest.pop("image", None)
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not names:
        raise ImageError('an image needs "image": its name, or several')
    if strange := sorted(set(rest) - FIELDS):
        raise ImageError(f"{names[0]}: unknown fields {', '.join(strange)}")
    try:
        made = Image(names[0], **_typed(rest))
        return {_key(name): made for name in names}
    except (TypeError, ValueError, KeyError) as error:
        raise ImageError(f"{names[0]}: {error}") from None


def _key(name: str) -> str:
    reference = references.parse(name)
    return f"{reference.name}:{reference.tag}" if reference.tagged else reference.name


def _typed(rest: dict[str, Any]) -> dict[str, Any]:
    for name in ("entrypoint", "cmd", "programs", "log"):
        if name in rest:
            rest[name] = tuple(str(part) for part in rest[name])
    if "ports" in rest:
        rest["ports"] = tuple(int(port) for port in rest["ports"])
    if "http" in rest:
        rest["http"] = tuple(Route(**route) for route in rest["http"])
        rest.setdefault("ports", tuple(sorted({route.port for route in rest["http"]})))
    for name in ("env", "files"):
        if name in rest:
            rest[name] = {str(key): str(value) for key, value in rest[name].items()}
    if "user" in rest:
        rest["user"] = str(rest["user"])
    return rest
