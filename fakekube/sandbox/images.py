"""Images as data: who runs, what runs, what it answers, what is on its file system. Loaded when first asked for.

`images.yaml` beside this module describes the well-known ones; a file of the user's and objects of the kind Image add
to them and replace them. An image that nobody describes runs, idles and listens on the ports that its container names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from fakekube.apis.sim.images import RESOURCE, validate_spec
from fakekube.machinery import decoding, references
from fakekube.machinery.fielderrors import FieldError, forbidden
from fakekube.machinery.fielderrors import Path as Field
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Form, Schema, Type
from fakekube.registry.client import Reader

DESCRIPTIONS = Path(__file__).with_name("images.yaml")
HUMP = re.compile("[A-Z]")


class ImageError(ValueError):
    """A file of image descriptions is not as it should be."""


class Route(Struct, frozen=True):
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


class Image(Struct, frozen=True):
    """One image. The fields are those of an Image's spec; images.yaml tells what each means."""

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
    setuid: tuple[str, ...] = ()
    shell: bool = True
    log: tuple[str, ...] = ()
    serves: bool = True
    exit_code: int | None = None
    exit_after: float = 0.0
    on_term: int = 0
    ignores_term: bool = False
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


class Files:
    """The descriptions that came with the package, and those of further files; read when the first one is wanted."""

    def __init__(self, schema: Schema, *more: Path) -> None:
        self._schema = schema
        self._paths = (DESCRIPTIONS, *more)

    @cached_property
    def images(self) -> dict[str, Image]:
        """By their names; what comes later counts. Raises ImageError."""
        return {name: image for path in self._paths for spec in self._specs(path) for name, image in named(spec)}

    def _specs(self, path: Path) -> Iterator[Object]:
        """The descriptions in a file, as the API would take them. Raises ImageError."""
        type_ = self._schema.kind(RESOURCE.group, RESOURCE.storage_version.name, RESOURCE.kind)
        for index, sent in enumerate(load(path)):
            where = Field("images") @ index
            try:
                spec = decoding.convert({"spec": sent}, type_).get("spec", {})
            except decoding.DecodeError as error:
                raise ImageError(f"{path}: {where}: {error}") from None
            wrong = [*_unknown(sent, type_.fields["spec"].type, where), *validate_spec(spec, where)]
            if wrong:
                raise ImageError(f"{path}: {'; '.join(map(str, wrong))}")
            yield spec


class Images:
    """What is known of images: by objects of the kind Image and, where those say nothing, by files."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._described: tuple[int, dict[str, Image]] = 0, {}

    def find(self, image: str) -> Image:
        """The image of a valid reference: described with that very tag, without a tag, or unknown."""
        reference = references.parse(image)
        for name in (f"{reference.name}:{reference.tag}", reference.name):
            found = self._objects().get(name) or self._files.images.get(name)
            if found is not None:
                return replace(found, name=image)
        return unknown(image, reference)

    def _objects(self) -> dict[str, Image]:
        revision, described = self._described
        latest = self._reader.revision(RESOURCE)
        if latest != revision:
            objects = self._reader.list(RESOURCE)
            described = {name: image for obj in objects for name, image in named(obj["spec"])}
            self._described = latest, described
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


def load(path: Path) -> list[Any]:
    """The list in a file. Raises ImageError."""
    try:
        document = decoding.decode_yaml(path.read_bytes())
    except (OSError, decoding.DecodeError) as error:
        raise ImageError(f"{path}: {error}") from None
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        raise ImageError(f'{path}: a mapping with a list "images" is expected')
    return images


def _unknown(sent: Any, type_: Type, path: Field) -> Iterator[FieldError]:
    """The fields that a description cannot have: the API drops them, a file has no client that would complain."""
    if isinstance(sent, list) and type_.element is not None:
        for index, item in enumerate(sent):
            yield from _unknown(item, type_.element, path @ index)
    elif isinstance(sent, dict) and type_.form is Form.OBJECT:
        for name, value in sent.items():
            if name in type_.fields:
                yield from _unknown(value, type_.fields[name].type, path / name)
            else:
                yield forbidden(path / name, "there is no such field")


def named(spec: Object) -> Iterator[tuple[str, Image]]:
    """A valid description's image under each of its names."""
    given = {name: value for name, value in spec.items() if value is not None}
    values = {HUMP.sub(lambda hump: f"_{hump[0].lower()}", name): _value(value) for name, value in given.items()}
    names = values.pop("names")
    values["http"] = routes = tuple(Route(**route) for route in values.get("http", ()))
    values.setdefault("ports", tuple(sorted({route.port for route in routes})))
    for name in names:
        yield _key(name), Image(name, **values)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _key(name: str) -> str:
    reference = references.parse(name)
    return f"{reference.name}:{reference.tag}" if reference.tagged else reference.name
