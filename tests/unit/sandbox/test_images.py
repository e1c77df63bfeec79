"""Names and descriptions of images."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakekube.sandbox.images import DESCRIPTIONS, ImageError, Images, load
from fakekube.sandbox.references import InvalidReference, parse

REFERENCES = [
    ("nginx", ("docker.io", "library/nginx", "latest", "", False)),
    ("nginx:1.19", ("docker.io", "library/nginx", "1.19", "", True)),
    ("docker.io/nginx", ("docker.io", "library/nginx", "latest", "", False)),
    ("index.docker.io/a/b", ("docker.io", "a/b", "latest", "", False)),
    ("a/b:x", ("docker.io", "a/b", "x", "", True)),
    ("reg.example:5000/a/b", ("reg.example:5000", "a/b", "latest", "", False)),
    ("localhost/a", ("localhost", "a", "latest", "", False)),
    (f"a@sha256:{'0' * 64}", ("docker.io", "library/a", "latest", f"sha256:{'0' * 64}", True)),
]


@pytest.mark.parametrize(("image", "parts"), REFERENCES)
def test_references(image: str, parts: tuple[str, str, str, str, bool]) -> None:
    assert tuple(parse(image)) == parts


INVALID = [
    ("UPPER/x", "invalid reference format: repository name must be lowercase"),
    ("a b", "invalid reference format"),
    ("a:", "invalid reference format"),
    ("a/:b", "invalid reference format"),
    ("", "invalid reference format"),
    (f"x.com/{'a' * 255}", "repository name must not be more than 255 characters"),
    ("0" * 64, f"invalid repository name ({'0' * 64}), cannot specify 64-byte hexadecimal strings"),
]


@pytest.mark.parametrize(("image", "text"), INVALID)
def test_names_that_are_none(image: str, text: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse(image)
    assert str(caught.value) == text


def test_well_known_images() -> None:
    images = Images()
    nginx = images.find("nginx:1.19")
    assert (nginx.known, nginx.uid, nginx.ports) == (True, 0, (80,))
    assert nginx.argv == ("/docker-entrypoint.sh", "nginx", "-g", "daemon off;")
    rootless = images.find("workshop/library-server-container-rootless:1.0")
    assert (rootless.uid, rootless.ports) == (1002, (9090,))
    assert images.find("memcached").uid is None
    unknown = images.find("example.com/what:ever")
    assert (unknown.known, unknown.preloaded, unknown.pull_error) == (False, False, "")
    assert "no such host" in images.find("reg.invalid/x").pull_error


def test_every_description_is_sound() -> None:
    images = Images()
    names = [
        name
        for one in load(DESCRIPTIONS)
        for name in ([one["image"]] if isinstance(one["image"], str) else one["image"])
    ]
    assert len(names) == len(set(names)) > 30
    for name in names:
        assert images.find(name).known, name


def test_descriptions_of_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "images.yaml"
    path.write_text("images: [{image: 'nginx:mine', exit_code: 3}, {image: own/app, user: 5, env: {A: 1}}]")
    images = Images(path)
    assert (images.find("nginx:mine").exit_code, images.find("nginx:1").exit_code) == (3, None)
    assert (images.find("own/app:7").uid, images.find("own/app:7").env) == (5, {"A": "1"})
    images.add({"image": "own/app", "pull_error": "no"})
    assert images.find("own/app").pull_error == "no"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", 'a mapping with a list "images" is expected'),
        ("images: [{user: 1}]", 'an image needs "image"'),
        ("images: [{image: a, colour: red}]", "a: unknown fields colour"),
        ("images: [{image: a, http: [{path: /}]}]", "a: "),
        ("images: [{image: 'A b'}]", "A b: "),
        ("images: [", "images.yaml"),
    ],
)
def test_descriptions_that_are_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "images.yaml"
    path.write_text(text)
    with pytest.raises(ImageError) as caught:
        Images(path).find("nginx")
    assert complaint in str(caught.value)
