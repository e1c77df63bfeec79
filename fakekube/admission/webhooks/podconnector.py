"""aiohttp's way into simulated pods, which have no sockets: one end of a socket pair stands for the connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from fakekube.sandbox.streams import CHUNK, Duplex


class PodConnector(aiohttp.BaseConnector):
    """Connects every request to what `connect` gives, over TLS, whatever the host of its URL."""

    def __init__(self, connect: Callable[[], Duplex], context: ssl.SSLContext, server_name: str) -> None:
        """`connect` may raise OSError."""
        super().__init__(force_close=True)
        self._connect = connect
        self._tls = context
        self._server_name = server_name
        self._carriers: set[asyncio.Task[None]] = set()

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> ResponseHandler:  # noqa: ASYNC109
        """What every connector overrides. Raises aiohttp.ClientError."""
        key = req.connection_key
        try:
            inside = self._connect()
            near, far = socket.socketpair()
            self._carry(await asyncio.open_unix_connection(sock=far), inside)
            _, protocol = await self._loop.create_unix_connection(
                self._factory, sock=near, ssl=self._tls, server_hostname=self._server_name
            )
        except (ssl.CertificateError, ssl.SSLCertVerificationError) as error:
            raise aiohttp.ClientConnectorCertificateError(key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(key, error) from error
        except OSError as error:
            raise aiohttp.ClientConnectorError(key, error) from error
        return protocol

    def _carry(self, outside: tuple[asyncio.StreamReader, asyncio.StreamWriter], inside: Duplex) -> None:
        """Bring bytes to and fro until one side hangs up."""
        reader, writer = outside
        for task in (asyncio.ensure_future(_inward(reader, inside)), asyncio.ensure_future(_outward(inside, writer))):
            self._carriers.add(task)
            task.add_done_callback(self._carriers.discard)


async def _inward(reader: asyncio.StreamReader, inside: Duplex) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            await inside.write(data)
    inside.close()


async def _outward(inside: Duplex, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await inside.read():
            writer.write(data)
            await writer.drain()
    writer.close()
