"""The images that come with the package, and those that a test describes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from readers import ObjectsReader

from fakekube.apis import schema
from fakekube.sandbox.images import Files, Images


@cache
def well_known() -> Files:
    return Files(schema.load())


def some_images(*files: Path, reader: ObjectsReader | None = None) -> Images:
    return Images(Files(schema.load(), *files) if files else well_known(), reader or ObjectsReader())
