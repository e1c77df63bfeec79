"""Names and descriptions of images."""

from __future__ import annotations

from pathlib import Path

import pytest
from imagesamples import some_images
from readers import ObjectsReader

from fakekube.apis.sim.images import RESOURCE, validate
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.references import InvalidReference, parse
from fakekube.sandbox.images import DESCRIPTIONS, ImageError, load

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
    images = some_images()
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
    images = some_images()
    names = [name for one in load(DESCRIPTIONS) for name in one["names"]]
    assert len(names) == len(set(names)) > 30
    for name in names:
        assert images.find(name).known, name


def test_descriptions_of_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "images.yaml"
    path.write_text("images: [{names: ['nginx:mine'], exitCode: 3}, {names: [own/app], user: '5', env: {A: '1'}}]")
    reader = ObjectsReader()
    images = some_images(path, reader=reader)
    assert (images.find("nginx:mine").exit_code, images.find("nginx:1").exit_code) == (3, None)
    assert (images.find("own/app:7").uid, images.find("own/app:7").env) == (5, {"A": "1"})
    reader.put(RESOURCE, {"metadata": {"name": "own"}, "spec": {"names": ["own/app", "b"], "pullError": "no"}})
    assert (images.find("own/app").pull_error, images.find("b:1").pull_error) == ("no", "no")
    reader.remove(RESOURCE, Key("", "own"))
    assert images.find("own/app").uid == 5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", 'a mapping with a list "images" is expected'),
        ("images: [{user: '1'}]", "images[0].names: Required value"),
        ("images: [{names: [a], user: 1}]", "images[0]: v1alpha1.Image.Spec: v1alpha1.ImageSpec.User: ReadString: exp"),
        ("images: [{names: [a], colour: red}]", "images[0].colour: Forbidden: there is no such field"),
        ("images: [{names: [a], http: [{port: 1, way: /}]}]", "images[0].http[0].way: Forbidden: there is no"),
        ("images: [{names: ['A b']}]", 'images[0].names[0]: Invalid value: "A b": invalid reference format'),
        ("images: [", "images.yaml"),
    ],
)
def test_descriptions_that_are_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "images.yaml"
    path.write_text(text)
    with pytest.raises(ImageError) as caught:
        some_images(path).find("nginx")
    assert complaint in str(caught.value)


ROUTE = {"port": 80}
WRONG = [
    ({}, "spec.names: Required value"),
    ({"names": ["a", "a"]}, 'spec.names[1]: Duplicate value: "a"'),
    ({"names": ["a"], "user": "1:"}, 'spec.user: Invalid value: "1:"'),
    ({"names": ["a"], "workingDir": "x"}, "spec.workingDir: Invalid value"),
    ({"names": ["a"], "ports": [1, 0]}, "spec.ports[1]: Invalid value: 0: must be between 1 and 65535, inclusive"),
    ({"names": ["a"], "http": [{}]}, "spec.http[0].port: Invalid value: 0"),
    ({"names": ["a"], "http": [{**ROUTE, "path": "x"}]}, 'spec.http[0].path: Invalid value: "x"'),
    ({"names": ["a"], "http": [{**ROUTE, "root": "www"}]}, 'spec.http[0].root: Invalid value: "www"'),
    ({"names": ["a"], "http": [{**ROUTE, "status": 100}]}, "spec.http[0].status: Invalid value: 100"),
    ({"names": ["a"], "http": [{**ROUTE, "method": "a b"}]}, 'spec.http[0].method: Invalid value: "a b"'),
    ({"names": ["a"], "http": [{**ROUTE, "headers": {"a:": ""}}]}, 'spec.http[0].headers: Invalid value: "a:"'),
    ({"names": ["a"], "http": [{**ROUTE, "headers": {"A": "1\r\nB: 2"}}]}, "spec.http[0].headers[A]: Invalid value"),
    ({"names": ["a"], "exitCode": 256}, "spec.exitCode: Invalid value: 256"),
    ({"names": ["a"], "pullSeconds": -1.0}, "spec.pullSeconds: Invalid value: -1: must not be negative"),
    ({"names": ["a"], "env": {"A=": ""}}, 'spec.env: Invalid value: "A="'),
    ({"names": ["a"], "files": {"etc": ""}}, 'spec.files: Invalid value: "etc": must be an absolute path'),
]


@pytest.mark.parametrize(("spec", "complaint"), WRONG)
def test_specs_that_are_wrong(spec: Object, complaint: str) -> None:
    found = [str(error) for error in validate({"metadata": {"name": "x"}, "spec": spec})]
    assert len(found) == 1
    assert found[0].startswith(complaint)
