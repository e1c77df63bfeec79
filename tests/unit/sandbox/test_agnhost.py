"""The programs of agnhost: what they print, serve and end with."""

import asyncio

import pytest

from fakekube.sandbox.containers import HttpRequest
from fakekube.sandbox.files import MEMORY, Directory, Mount
from fakekube.sandbox.volumes import Content, shown
from tests.unit.sandbox.boxes import Web, container, run

AGNHOST = "k8s.gcr.io/e2e-test-images/agnhost:2.21"
CONFIG = shown({"a": Content(b"1", 0o400)})
MOUNTS = (Mount("/c", CONFIG.root, read_only=True, kind=MEMORY), Mount("/e", Directory(0o777)))


def agnhost(*words, **settings):
    return container(("/agnhost", *words), image=AGNHOST, **settings)


COMMANDS = [
    ("mounttest --fs_type=/c --file_mode=/c/a", 'mount type of "/c": tmpfs\nmode of file "/c/a": -r--------\n', 0),
    ("mounttest --file_perm=/e", 'perms of file "/e": -rwxrwxrwx\n', 0),
    ("mounttest --file_owner /e", 'owner UID of "/e": 0\nowner GID of "/e": 0\n', 0),
    (
        "mounttest --new_file_0660=/e/f --file_perm=/e/f",
        'content of file "/e/f": mount-tester new file\n\nperms of file "/e/f": -rw-rw----\n',
        0,
    ),
    ("mounttest --file_content=/x", 'error reading file content for "/x": open /x: no such file or directory\n', 1),
    ("mounttest --new_file_0644=/c/b", 'error writing new file "/c/b": open /c/b: read-only file system\n', 1),
    ("mounttest --nonsense", "Error: unknown flag: --nonsense\n", 0),
    ("entrypoint-tester a b", "[/agnhost entrypoint-tester a b]\n", 0),
    ("connect web:80", "", 0),
    ("connect web:81", "REFUSED\n", 1),
    ("connect nowhere:81", "DNS: lookup nowhere: no such host\n", 1),
    ("dns-server-list", "10.96.0.10\n", 0),
]  # fmt: skip


@pytest.mark.parametrize(("words", "output", "code"), COMMANDS)
async def test_commands(words, output, code):
    box = agnhost("pause", mounts=MOUNTS, network=Web())
    assert await run(f"/agnhost {words}", box) == (output, code)
    box.signal(9)


async def test_pause_ends_as_a_go_program():
    box = agnhost("pause")
    await asyncio.sleep(0.01)
    box.signal(15)
    await asyncio.sleep(0.01)
    assert (box.codes, box.log.tail(10, 100)) == ([2], b"Paused\n")


REQUESTS = [
    ("netexec", 8080, "/echo?msg=a+b&code=201", 201, b"a b"),
    ("netexec", 8080, "/hostname", 200, b"box"),
    ("netexec", 8080, "/clientip", 200, b"10.0.0.9:5"),
    ("netexec", 8080, "/shell?cmd=echo+%27%3C%27%3B+exit+3", 200, b'{"error":"exit status 3","output":"\\u003c\\n"}'),
    ("netexec", 8080, "/dial?host=web&port=80&request=hello", 200, b'{"responses":["hello\\n"]}'),
    ("netexec --http-port=81 --http-override=/echo?msg=x", 81, "/any", 200, b"x"),
    ("liveness", 8080, "/healthz", 200, b"ok"),
    ("serve-hostname", 9376, "/", 200, b"box"),
    ("test-webserver", 80, "/etc/hostname", 200, b"box\n"),
    ("test-webserver", 80, "/none", 404, b"404 page not found\n"),
    ("guestbook", 80, "/set?key=k&value=v", 200, b'{"message":"Updated"}'),
]


@pytest.mark.parametrize(("words", "port", "path", "status", "body"), REQUESTS)
async def test_servers(words, port, path, status, body):
    box = agnhost(*words.split(), network=Web())
    await asyncio.sleep(0.01)
    answer = await box.http(HttpRequest(port, path=path, peer="10.0.0.9:5"))
    assert (answer.status, answer.body) == (status, body)
    assert not box.listens(port + 1000)
    box.signal(9)


async def test_a_server_that_is_told_to_end():
    box = agnhost("netexec")
    await asyncio.sleep(0.01)
    await box.http(HttpRequest(8080, path="/exit?code=7"))
    await asyncio.sleep(0.01)
    assert box.codes == [7]


async def test_datagrams():
    box = agnhost("netexec")
    await asyncio.sleep(0.01)
    asked = [box.answer(8081, data, "10.0.0.9:5") for data in (b"hostName\n", b"echo A b", b"clientip", b"?")]
    assert asked == [b"box", b"a b", b"10.0.0.9:5", b""]
    with pytest.raises(ConnectionRefusedError):
        box.answer(8082, b"", "")
    box.signal(9)


async def test_porter_serves_what_the_environment_says():
    box = agnhost("porter", env={"SERVE_PORT_80": "foo", "SERVE_TLS_PORT_443": "bar"})
    await asyncio.sleep(0.01)
    bodies = [(await box.http(HttpRequest(port))).body for port in (80, 443)]
    assert (bodies, box.speaks_tls(80), box.speaks_tls(443)) == ([b"foo", b"bar"], False, True)
    box.signal(9)
