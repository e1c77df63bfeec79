"""What a scenario is: a folder with scenario.yaml and manifests. docs/scenarios.md tells authors the format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

FILE = "scenario.yaml"
MANIFESTS = "manifests"
INSTALLED = Path(__file__).parent.parent / "scenarios"
"""Those that come with fakekube, in a checkout as well as in an installed package."""
VERDICTS = {True: "yes", False: "no"}
"""YAML reads yes and no as booleans."""


class BadScenario(ValueError):
    """The file is not what docs/scenarios.md describes; the text says where."""


class Check(Struct, frozen=True):
    """What has to be true of the cluster."""

    get: str = ""
    """KIND/NAME, or KIND for any object of a list."""
    path: str = ""
    """A path of the API, in place of `get`."""
    can: str = ""
    """VERB RESOURCE, in place of `get`: whether somebody may do that."""
    namespace: str = ""
    selector: str = ""
    absent: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)
    """JSONPath -> one of the values that it has to lead to."""
    user: str = ""
    groups: tuple[str, ...] = ()
    answer: str = "yes"
    hint: str = ""
    """What to do if it is not true."""


class Step(Struct, frozen=True):
    """One thing that an attendee does."""

    title: str
    text: str = ""
    run: str = ""
    """Commands for a shell whose current folder has the manifests in it."""
    shows: tuple[str, ...] = ()
    """What the output must contain; … stands for anything on a line."""
    fails: bool = False
    """The commands are to end with an error."""
    checks: tuple[Check, ...] = ()
    """Empty for a step that leaves no trace."""


class Scenario(Struct, frozen=True):
    """One workshop."""

    name: str
    folder: Path
    title: str
    summary: str
    steps: tuple[Step, ...]
    serve: tuple[str, ...] = ()
    """Flags of the server that is started for it."""

    @property
    def manifests(self) -> Path:
        """Where its manifests are."""
        return self.folder / MANIFESTS


def available(*folders: Path) -> Iterator[Scenario]:
    """The scenarios in these folders, in the order of their names. Raises BadScenario."""
    for folder in folders:
        for path in sorted(folder.glob(f"*/{FILE}")):
            yield load(path.parent)


def find(name: str, *folders: Path) -> Scenario:
    """The scenario of that name, or in the folder of that path. Raises BadScenario, LookupError."""
    places = [Path(name), *(folder / name for folder in folders)]
    for place in places:
        if (place / FILE).is_file():
            return load(place)
    raise LookupError(name)


def load(folder: Path) -> Scenario:
    """Read a scenario. Raises BadScenario."""
    import yaml

    path = folder / FILE
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadScenario(f"{path}: {error}") from None
    top = _Fields(document, str(path))
    steps = tuple(_step(entry, f"{path}: step {number}") for number, entry in enumerate(top.list("steps"), 1))
    found = Scenario(
        folder.resolve().name, folder.resolve(), top.text("title"), top.text("summary", ""), steps, top.texts("serve")
    )
    top.end()
    return found


def _step(entry: Any, where: str) -> Step:
    fields = _Fields(entry, where)
    checks = tuple(_check(one, f"{where}, check {number}") for number, one in enumerate(fields.list("check", []), 1))
    step = Step(
        fields.text("title"), fields.text("text", ""), fields.text("run", ""), fields.texts("shows"),
        fields.flag("fails"), checks,
    )  # fmt: skip
    fields.end()
    return step


def _check(entry: Any, where: str) -> Check:
    fields = _Fields(entry, where)
    check = Check(
        get=fields.text("get", ""),
        path=fields.text("path", ""),
        can=fields.text("can", ""),
        namespace=fields.text("namespace", ""),
        selector=fields.text("selector", ""),
        absent=fields.flag("absent"),
        where=fields.map("where"),
        user=fields.text("as", ""),
        groups=fields.texts("groups"),
        answer=fields.text("answer", "yes"),
        hint=fields.text("hint", ""),
    )
    fields.end()
    if sum(map(bool, (check.get, check.path, check.can))) != 1:
        raise BadScenario(f"{where}: exactly one of get, path and can is needed")
    if check.can and len(check.can.split()) != 2:
        raise BadScenario(f'{where}: can: "{check.can}" is not VERB RESOURCE')
    return check


MISSING: Any = object()


class _Fields:
    """A mapping of the file whose fields are taken out one by one. All methods raise BadScenario."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise BadScenario(f"{where}: a mapping is needed")
        self._left, self._where = dict(value), where

    def text(self, name: str, default: Any = MISSING) -> str:
        """One text; numbers and booleans become what was written."""
        value = self._take(name, default)
        if isinstance(value, bool):
            return VERDICTS[value]
        if not isinstance(value, str | int | float):
            raise BadScenario(f"{self._where}: {name} has to be text")
        return str(value).strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; one alone counts as a list."""
        value = self._take(name, [])
        values: Sequence[Any] = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise BadScenario(f"{self._where}: {name} has to be a list of texts")
        return tuple(values)

    def list(self, name: str, default: Any = MISSING) -> Sequence[Any]:
        """A list."""
        value = self._take(name, default)
        if not isinstance(value, list):
            raise BadScenario(f"{self._where}: {name} has to be a list")
        return value

    def map(self, name: str) -> Mapping[str, Any]:
        """A mapping."""
        value = self._take(name, {})
        if not isinstance(value, dict):
            raise BadScenario(f"{self._where}: {name} has to be a mapping")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name, False)
        if not isinstance(value, bool):
            raise BadScenario(f"{self._where}: {name} has to be true or false")
        return value

    def end(self) -> None:
        """All fields have been taken."""
        if self._left:
            raise BadScenario(f"{self._where}: unknown fields: {', '.join(map(str, self._left))}")

    def _take(self, name: str, default: Any) -> Any:
        value = self._left.pop(name, default)
        if value is MISSING:
            raise BadScenario(f"{self._where}: {name} is missing")
        return value
