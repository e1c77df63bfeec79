"""Containers: what they run, who attaches, and how they end."""

import asyncio

import pytest
from boxes import container

from fakekube.sandbox.containers import HttpRequest, StartError
from fakekube.sandbox.files import Mount
from fakekube.sandbox.streams import Pipe, Stdio
from fakekube.sandbox.volumes import Content, Volume, shown
from fakekube.wire import http1


async def read_until(pipe, text):
    """What comes, until it holds the text."""
    got = ""
    while text not in got:
        data = await asyncio.wait_for(pipe.read(), 5)
        if not data:
            break
        got += data.decode()
    return got


async def ended(box):
    await box.attach(Stdio())
    return box.exit_code


@pytest.mark.parametrize(
    ("argv", "log", "code"),
    [
        (("sh", "-c", "echo a; echo b >&2; exit 3"), b"a\nb\n", 3),
        (("echo", "x"), b"x\n", 0),
        (("sh",), b"", 0),
        (("sh", "-c", "nosuch"), b"sh: nosuch: not found\n", 127),
    ],
)
async def test_commands_end(argv, log, code):
    box = container(argv)
    assert await ended(box) == code
    assert (box.log.text(), box.codes) == (log, [code])


async def test_what_is_not_there_does_not_start():
    with pytest.raises(StartError, match=r'exec: "nosuch": executable file not found in \$PATH: unknown'):
        container(("nosuch",))


async def test_the_first_process_hears_only_what_it_traps():
    deaf, hearing = container(("sleep", "100")), container(("sh", "-c", "trap 'exit 5' TERM; sleep 100 & wait"))
    await asyncio.sleep(0.01)
    deaf.signal(15)
    hearing.signal(15)
    assert await ended(hearing) == 5
    assert deaf.exit_code is None
    deaf.signal(9)
    assert deaf.codes == [137]


async def test_exec_with_streams():
    box, out, source = container(), Pipe(), Pipe()
    await source.write(b"one\ntwo\n")
    source.end()
    assert await box.exec(["sh", "-c", "cat; exit 4"], Stdio(source, out)) == 4
    assert await out.read() == b"one\ntwo\n"
    with pytest.raises(StartError, match="failed to exec in container"):
        await box.exec(["nosuch"], Stdio())
    box.signal(9)


async def test_a_terminal():
    box, out, keys = container(), Pipe(), Pipe()
    task = asyncio.ensure_future(box.exec(["sh"], Stdio(keys, out, tty=True)))
    assert await read_until(out, "# ") == "/ # "
    await keys.write(b"echo $((1+1))x\r")
    assert "2x\r\n" in await read_until(out, "2x\r\n/ # ")
    await keys.write(b"sleep 100\r")
    await read_until(out, "sleep 100\r\n")
    await asyncio.sleep(0.02)
    await keys.write(b"\x03")
    await read_until(out, "/ # ")
    await keys.write(b"echo $?\r")
    assert "130\r\n" in await read_until(out, "130\r\n/ # ")
    await keys.write(b"while :; do :; done\r")
    await read_until(out, "done\r\n")
    await asyncio.sleep(0.02)
    await keys.write(b"\x03")
    await read_until(out, "/ # ")
    await keys.write(b"if true\rthen echo y\x7f\x7f yes\rfi\r")
    assert "yes\r\n" in await read_until(out, "yes\r\n/ # ")
    await keys.write(b"true\r\x04")
    assert await asyncio.wait_for(task, 5) == 0
    box.signal(9)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"echo ac\x1b[Db\r", "abc"),
        (b"cho a\x01e\x05b\r", "ab"),
        (b"echo a b\x17c\r", "a c"),
        (b"junk\x15echo x\r", "x"),
        (b"echo /etc/hostn\t\r", "/etc/hostname"),
        (b"echo ab\x1b[D\x1b[3~\r", "a"),
        (b"echo x\x03echo z\r", "z"),
    ],
)
async def test_line_editing(keys, line):
    box, out, source = container(), Pipe(), Pipe()
    task = asyncio.ensure_future(box.exec(["sh"], Stdio(source, out, tty=True)))
    await read_until(out, "/ # ")
    await source.write(keys)
    assert await read_until(out, f"\n{line}\r\n")
    await source.write(b"exit\r")
    await asyncio.wait_for(task, 5)
    box.signal(9)


async def test_attaching_to_a_shell():
    box, out, keys = container(("sh",), tty=True, stdin=True, stdin_once=True), Pipe(), Pipe()
    await asyncio.sleep(0.01)
    task = asyncio.ensure_future(box.attach(Stdio(keys, out, tty=True)))
    await read_until(out, "/ # ")
    await keys.write(b"echo hi; exit 3\r")
    assert "hi\r\n" in await read_until(out, "hi\r\n")
    await asyncio.wait_for(task, 5)
    assert box.codes == [3]


async def test_the_end_of_the_input_is_the_end_of_a_container_that_reads_once():
    box, out, source = container(("cat",), stdin=True, stdin_once=True), Pipe(), Pipe()
    task = asyncio.ensure_future(box.attach(Stdio(source, out)))
    await source.write(b"text")
    source.end()
    await asyncio.wait_for(task, 5)
    assert (await out.read(), box.codes) == (b"text", [0])


async def test_a_client_that_comes_too_late_gets_the_log():
    box, out = container(("echo", "x")), Pipe()
    await ended(box)
    await box.attach(Stdio(stdout=out))
    assert await out.read() == b"x\n"


async def test_volumes_are_shared_and_seen_anew():
    empty, config = Volume(), shown({"a": Content(b"1"), "d/c": Content(b"2")})
    mounts = (Mount("/v", empty.root), Mount("/c", config.root, read_only=True))
    one, other = (container(mounts=mounts) for _ in range(2))
    await one.run(["sh", "-c", "mkdir /v/d; echo 2 > /v/d/b; cp /c/a /v; rm /v/a"])
    outcome = await other.run(["sh", "-c", "ls /v; cat /v/d/b; cat /c/a /c/d/c; echo >/c/a"])
    assert outcome.output == b"d\n2\n12sh: can't create /c/a: Read-only file system\n"
    config.show({"a": Content(b"new")}, 1.0)
    assert (await one.run(["sh", "-c", "ls /c; cat /c/a"])).output == b"a\nnew"
    assert one.read_file("/v/d/b") == b"2\n"
    for box in (one, other):
        box.signal(9)


async def test_what_is_served_is_what_the_folder_has():
    box = container(("httpd-foreground",), image="httpd:2.4", own_command=False)
    folder = "/usr/local/apache2/htdocs"

    async def answered(path):
        answer = await box.http(HttpRequest(80, "GET", path))
        return answer.status, answer.body.decode().strip()

    assert await answered("/index.html") == await answered("/") == (200, "<html><body><h1>It works!</h1></body></html>")
    await box.run(["sh", "-c", f"mv {folder}/index.html /tmp; mkdir {folder}/a; echo yes > '{folder}/a/b c'"])
    assert await answered("/index.html") == (404, "Not Found")
    assert await answered("/a/b%20c?q=1") == await answered("//a/../a/b%20c") == (200, "yes")
    assert (await answered("/../../../../etc/hostname"))[0] == 404
    box.signal(9)


async def test_images_serve():
    box = container(("nginx",), image="nginx:1.19", own_command=False)
    assert box.listens(80)
    assert not box.listens(81)
    assert (await box.http(HttpRequest(80))).body.startswith(b"<!DOCTYPE html>")
    connection = box.connect(80)
    await connection.write(http1.request("GET", "/", [("Host", "x")]) * 2)
    reader, body = http1.Reader(response=True), b""
    while not reader.done:
        body += reader.feed(await connection.read())
    assert b"Welcome to nginx!" in body
    with pytest.raises(ConnectionRefusedError):
        box.connect(81)
    box.signal(15)
    assert box.codes == [0]


async def test_an_image_without_a_shell():
    box = container(("/pause",), image="k8s.gcr.io/pause:3.2", own_command=False)
    outcome = await box.run(["ls"])
    assert (outcome.exit_code, b"executable file not found" in outcome.output) == (126, True)
    box.signal(9)


@pytest.mark.parametrize(("may_gain", "uid"), [(True, 0), (False, 1000)])
async def test_set_user_id_programs(may_gain, uid):
    image = "gcr.io/kubernetes-e2e-test-images/nonewprivs:1.3"
    box = container(("nnp",), image, user=1000, may_gain=may_gain)
    assert await ended(box) == 0
    assert box.log.text() == f"Effective uid: {uid}\n".encode()


@pytest.mark.parametrize(
    ("listener", "said", "heard"),
    [
        ("echo served | nc -l -p 7000", b"hello\n", b"served\n"),
        ("echo served | nc -l 7000", b"hello\n", b"served\n"),
        ("nc -lk -p 7000 -e tr a-z A-Z", b"hello\n", b"HELLO\n"),
        ("nc -lkp 7000 -e nosuch", b"", b""),
    ],
)
async def test_nc_takes_connections(listener, said, heard):
    box = container(("sh", "-c", f"{listener}; sleep 1000"))
    for _ in range(100):
        await asyncio.sleep(0.01)
        if box.listens(7000):
            break
    for _ in range(2 if "k" in listener else 1):
        connection = box.connect(7000)
        await connection.write(said)
        connection.end()
        assert await asyncio.wait_for(connection.read(), 5) == heard
    box.signal(9)


async def test_nc_says_why_it_does_not_listen():
    box = container(("sh", "-c", "nc -l -p 7000 & sleep 0.05; nc -l -p 7000; nc -l"))
    assert await ended(box) == 1
    usage = "nc: usage: nc -l [-k] -p PORT [-e PROG ARGS]"
    assert box.log.text().decode() == f"nc: bind: Address already in use\n{usage}\n"
