"""Containers for tests, without a node."""

import asyncio

from imagesamples import some_images

from fakekube.runtime.clock import Clock
from fakekube.sandbox import agnhost, commands
from fakekube.sandbox.container import Container
from fakekube.sandbox.containers import Launch
from fakekube.sandbox.files import Mount
from fakekube.sandbox.images import Image
from fakekube.sandbox.network import TlsProblem, UnknownHost, Unreachable
from fakekube.sandbox.shell import program
from fakekube.sandbox.streams import connected
from fakekube.sandbox.volumes import Content, shown
from fakekube.wire import http1

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
POD = {"metadata": {"name": "box", "namespace": "default", "uid": "u"}, "spec": {"containers": [{"name": "c"}]}}
SECRET = shown({"token": Content(b"tok"), "ca.crt": Content(b"-----BEGIN CERTIFICATE-----\n")})
TOKEN = Mount("/secret", SECRET.root, read_only=True)


class Web:
    """A network with one web server, "web" at 10.0.0.1:80, and an API server "kubernetes" with TLS."""

    namespace, address, name_server = "default", "10.1.1.1", "10.96.0.10"

    def __init__(self):
        self.requests = []

    def resolve(self, name):
        known = {"web": "10.0.0.1", "kubernetes": "10.96.0.1", "void": "10.9.9.9", "localhost": "127.0.0.1"}
        if name not in known:
            raise UnknownHost(name)
        return [(f"{name}.default.svc.cluster.local", known[name])]

    async def connect(self, address, port):
        if address == "10.9.9.9":
            raise Unreachable
        if (address, port) != ("10.0.0.1", 80):
            raise ConnectionRefusedError
        client, server = connected()
        self.task = asyncio.ensure_future(self._answer(server))
        return client

    async def connect_tls(self, address, port, host, ca, verify):
        if verify and ca is None:
            raise TlsProblem("unable to get local issuer certificate", 20)
        return await self.connect("10.0.0.1", 80)

    async def _answer(self, server):
        reader, body = http1.Reader(response=False), b""
        while not reader.done:
            data = await server.read()
            if not data:
                return
            body += reader.feed(data)
        method, target, _ = reader.head.first
        self.requests.append((method, target, dict(reader.head.headers), body))
        status, headers, text = {
            "/moved": (302, [("Location", "/hello")], b""),
            "/missing": (404, [], b"nothing here\n"),
        }.get(target.partition("?")[0], (200, [("Content-Type", "text/plain")], b"hello\n"))
        await server.write(http1.answer(status, [*headers, ("Content-Length", str(len(text)))], text))
        server.end()


def container(argv=("sleep", "1000"), image="busybox", network=None, clock=None, described=None, **launch):
    """A started container; its exit codes are collected in `codes`."""
    codes = []
    settings = {"env": {"PATH": PATH, "HOSTNAME": "box"}, "hostname": "box", "ip": "10.1.1.1", "mounts": (TOKEN,)}
    found = Image(image, **described) if described is not None else some_images().find(image)
    made = Launch(POD, "c", found, tuple(argv), **{**settings, "own_command": True, **launch})
    box = Container(
        made, codes.append, clock or Clock(), {**commands.table(), **program.PROGRAMS, **agnhost.PROGRAMS}, network
    )
    box.codes = codes
    box.begin()
    return box


async def run(script, box=None, **launch):
    """(what a shell prints for a script, its exit code)"""
    own = box or container(**launch)
    try:
        outcome = await own.run(["sh", "-c", script])
        return outcome.output.decode(), outcome.exit_code
    finally:
        if box is None:
            own.signal(9)
