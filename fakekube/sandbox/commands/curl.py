"""curl, with the options that people use, its own messages and its exit codes."""

from __future__ import annotations

import asyncio
import base64
import posixpath
import re
from collections.abc import Mapping
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct, field

from fakekube.sandbox.kernel import Proc, Program, decode, encode
from fakekube.sandbox.network import TlsProblem, UnknownHost, Unreachable
from fakekube.sandbox.streams import Duplex
from fakekube.wire import http1

VERSION = "7.69.1"
REDIRECTS = 50
TIMEOUT = 127.0
"""Seconds until a connection that nobody answers is given up, as Linux does."""
MORE = """More details here: https://curl.haxx.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.
"""
FLAGS = {
    "s": "silent",
    "S": "show-error",
    "k": "insecure",
    "i": "include",
    "I": "head",
    "v": "verbose",
    "f": "fail",
    "L": "location",
    "O": "remote-name",
    "G": "get",
    "g": "globoff",
    "N": "no-buffer",
    "V": "version",
    "h": "help",
    "#": "progress-bar",
    "q": "disable",
    "n": "netrc",
    "0": "http1.0",
    "4": "ipv4",
    "6": "ipv6",
    "J": "J",
    "a": "append",
    "j": "junk-session-cookies",
    "l": "list-only",
    "R": "remote-time",
    "1": "tlsv1",
    "2": "sslv2",
    "3": "sslv3",
}
VALUED = {
    "o": "output",
    "w": "write-out",
    "X": "request",
    "H": "header",
    "d": "data",
    "u": "user",
    "A": "user-agent",
    "e": "referer",
    "b": "cookie",
    "c": "cookie-jar",
    "E": "cert",
    "m": "max-time",
    "T": "upload-file",
    "x": "proxy",
    "F": "form",
    "r": "range",
    "D": "dump-header",
    "K": "config",
    "U": "proxy-user",
    "C": "continue-at",
    "Y": "speed-limit",
}
LONG_FLAGS = frozenset(
    {
        *FLAGS.values(),
        *("compressed", "http1.1", "http2", "tlsv1.2", "tlsv1.3", "no-keepalive", "location-trusted", "post301", "raw"),
        *("no-progress-meter", "fail-with-body", "ssl-reqd", "tcp-nodelay", "path-as-is", "negotiate", "basic"),
    }
)
LONG_VALUED = frozenset(
    {
        *VALUED.values(),
        *("cacert", "capath", "key", "cert-type", "connect-timeout", "retry", "retry-delay", "data-raw", "data-binary"),
        *("data-urlencode", "data-ascii", "resolve", "url", "max-redirs", "noproxy", "interface", "limit-rate", "json"),
        *("oauth2-bearer", "unix-socket", "ciphers", "proto", "connect-to", "max-filesize", "retry-max-time", "stderr"),
    }
)


class Problem(Exception):
    """curl gives up: its code and its message."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Options(Struct):
    """The command line: every option with its values, and the URLs."""

    values: dict[str, list[str]] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)

    def on(self, name: str) -> bool:
        """Whether it was given."""
        return name in self.values

    def last(self, name: str, default: str = "") -> str:
        """Its last value."""
        return self.values.get(name, [default])[-1]


def parse(arguments: list[str]) -> Options:
    """The command line. Raises Problem."""
    options = Options()
    rest = iter(arguments)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name = word[2:]
            if name in LONG_VALUED:
                _add(options, name, next(rest, None), word)
            elif name in LONG_FLAGS:
                options.values.setdefault(name, []).append("")
            elif not name.startswith("no-"):
                raise Problem(2, f"option {word}: is unknown")
        elif word.startswith("-") and len(word) > 1:
            _letters(options, word, rest)
        else:
            options.urls.append(word)
    options.urls += options.values.get("url", [])
    return options


def _letters(options: Options, word: str, rest: object) -> None:
    for at, letter in enumerate(word[1:], 1):
        if letter in VALUED:
            value = word[at + 1 :] or next(rest, None)  # type: ignore[call-overload]
            _add(options, VALUED[letter], value, f"-{letter}")
            return
        if letter not in FLAGS:
            raise Problem(2, f"option -{letter}: is unknown")
        options.values.setdefault(FLAGS[letter], []).append("")


def _add(options: Options, name: str, value: str | None, shown: str) -> None:
    if value is None:
        raise Problem(2, f"option {shown}: requires parameter")
    options.values.setdefault(name, []).append(value)
    if name in ("data", "data-raw", "data-binary", "data-urlencode", "data-ascii", "json"):
        options.values.setdefault(" body", []).append(name)


class Transfer(Struct):
    """What came out of one URL, for --write-out."""

    url: str
    code: int = 0
    content_type: str = ""
    size: int = 0
    header_size: int = 0
    redirects: int = 0
    address: str = ""
    began: float = 0.0
    ended: float = 0.0


async def curl(proc: Proc) -> int:
    """Fetch URLs."""
    try:
        options = parse(proc.argv[1:])
    except Problem as problem:
        await proc.err(f"curl: {problem}\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
        return problem.code
    if options.on("version"):
        await proc.out(f"curl {VERSION} (x86_64-pc-linux-gnu) libcurl/{VERSION} OpenSSL/1.1.1g zlib/1.2.11\n")
        return 0
    if options.on("help"):
        await proc.out("Usage: curl [options...] <url>\n")
        return 0
    if not options.urls:
        await proc.err("curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
        return 2
    status = 0
    for number, url in enumerate(options.urls):
        status = await _one(proc, options, url, number)
    return status


async def _one(proc: Proc, options: Options, url: str, number: int) -> int:
    transfer = Transfer(url, began=proc.kernel.clock.now())
    limit = _seconds(options.last("max-time"))
    code = 0
    try:
        await asyncio.wait_for(Exchange(proc, options, transfer, number).run(url), limit or None)
    except TimeoutError:
        problem = Problem(28, f"Operation timed out after {int(limit * 1000)} milliseconds with 0 bytes received")
        code = await _complain(proc, options, problem)
    except Problem as problem:
        code = await _complain(proc, options, problem)
    transfer.ended = proc.kernel.clock.now()
    if options.on("write-out"):
        await proc.out(written(options.last("write-out"), transfer))
    return code


async def _complain(proc: Proc, options: Options, problem: Problem) -> int:
    if not options.on("silent") or options.on("show-error"):
        await proc.err(f"curl: ({problem.code}) {problem}\n")
        if problem.code == 60:
            await proc.err(MORE)
    return problem.code


def _seconds(text: str) -> float:
    return float(text[:9]) if re.fullmatch(r"\d+(\.\d*)?", text) else 0.0


def written(template: str, transfer: Transfer) -> str:
    """--write-out."""
    took = max(transfer.ended - transfer.began, 0.0)
    values = {
        "http_code": f"{transfer.code:03}",
        "response_code": f"{transfer.code:03}",
        "url_effective": transfer.url,
        "content_type": transfer.content_type,
        "size_download": str(transfer.size),
        "time_total": f"{took:.6f}",
        "num_redirects": str(transfer.redirects),
        "remote_ip": transfer.address,
        "http_version": "1.1",
        "size_header": str(transfer.header_size),
        "time_connect": f"{took / 4:.6f}",
        "ssl_verify_result": "0",
        "time_namelookup": f"{took / 8:.6f}",
        "time_starttransfer": f"{took:.6f}",
        "time_appconnect": f"{took / 2:.6f}",
    }
    text = template.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
    return re.sub(r"%\{(\w+)\}", lambda found: values.get(found[1], ""), text).replace("%%", "%")


class Exchange:
    """One URL with its redirections."""

    def __init__(self, proc: Proc, options: Options, transfer: Transfer, number: int) -> None:
        self._proc = proc
        self._options = options
        self._transfer = transfer
        self._output = _output_name(options, number, transfer.url)

    async def run(self, url: str) -> None:
        """Raises Problem."""
        options, transfer = self._options, self._transfer
        method, body = self._method_and_body()
        while True:
            transfer.url = url if "://" in url else f"http://{url}"
            head = await self._request(method, transfer.url, body)
            target = head.header("Location")
            if not (options.on("location") and target and 300 <= transfer.code < 400):
                break
            transfer.redirects += 1
            if transfer.redirects > REDIRECTS:
                raise Problem(47, f"Maximum ({REDIRECTS}) redirects followed")
            if transfer.code in (301, 302, 303) and not options.on("request"):
                method, body = "GET" if method != "HEAD" else "HEAD", b""
            url = urljoin(transfer.url, target)

    def _method_and_body(self) -> tuple[str, bytes]:
        options = self._options
        body = self._body()
        method = "HEAD" if options.on("head") else "GET"
        if options.on("upload-file"):
            method, body = "PUT", self._file(options.last("upload-file"), strip=False)
        elif options.on(" body") and not options.on("get"):
            method = "POST"
        return options.last("request") or method, body if not options.on("get") else b""

    def _body(self) -> bytes:
        parts = []
        positions: dict[str, int] = {}
        for name in self._options.values.get(" body", []):
            position = positions.get(name, 0)
            positions[name] = position + 1
            value = self._options.values[name][position]
            if name == "data-urlencode":
                key, equals, text = value.partition("=")
                parts.append(encode(f"{key}{equals}{quote(text)}" if equals else quote(value)))
            elif value.startswith("@") and name != "data-raw":
                parts.append(self._file(value[1:], strip=name != "data-binary"))
            else:
                parts.append(encode(value))
        return b"&".join(parts)

    def _file(self, path: str, *, strip: bool) -> bytes:
        try:
            data = self._proc.read_file(path if path != "-" else "/dev/stdin")
        except OSError:
            if strip:
                return b""
            raise Problem(26, f"Failed to open {path}") from None
        return data.replace(b"\r", b"").replace(b"\n", b"") if strip else data

    async def _request(self, method: str, url: str, body: bytes) -> http1.Head:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Problem(
                3, "Port number ended with ' '" if " " in url else "URL using bad/illegal format or missing URL"
            ) from None
        if parts.scheme not in ("http", "https"):
            raise Problem(1, f'Protocol "{parts.scheme}" not supported or disabled in libcurl')
        if not parts.hostname:
            raise Problem(3, "URL using bad/illegal format or missing URL")
        secure = parts.scheme == "https"
        connection = await self._connect(parts.hostname, port or (443 if secure else 80), secure)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if self._options.on("get") and self._options.on(" body"):
                target += ("&" if parts.query else "?") + decode(self._body())
            default = port in (None, 443 if secure else 80)
            host = parts.hostname if default else f"{parts.hostname}:{port}"
            return await self._exchange(connection, method, target, host, body)
        finally:
            connection.close()

    async def _connect(self, host: str, port: int, secure: bool) -> Duplex:
        network = self._proc.kernel.network
        try:
            if network is None:
                raise UnknownHost(host)
            address = network.resolve(host)[0][1]
        except UnknownHost:
            raise Problem(6, f"Could not resolve host: {host}") from None
        self._transfer.address = address
        await self._note(f"*   Trying {address}:{port}...")
        patience = _seconds(self._options.last("connect-timeout")) or TIMEOUT
        try:
            if secure:
                ca = self._authorities()
                verify = not self._options.on("insecure")
                connection = await network.connect_tls(address, port, host, ca, verify)
            else:
                connection = await network.connect(address, port)
        except ConnectionRefusedError:
            raise Problem(7, f"Failed to connect to {host} port {port}: Connection refused") from None
        except Unreachable:
            await self._proc.kernel.clock.sleep(patience)
            if self._options.on("connect-timeout"):
                raise Problem(28, f"Connection timed out after {int(patience * 1000)} milliseconds") from None
            raise Problem(7, f"Failed to connect to {host} port {port}: Operation timed out") from None
        except TlsProblem as problem:
            raise _tls(problem, host) from None
        await self._note(f"* Connected to {host} ({address}) port {port} (#0)")
        if secure:
            await self._note("* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384")
        return connection

    def _authorities(self) -> str | None:
        path = self._options.last("cacert")
        if not self._options.on("cacert"):
            return None
        try:
            text = decode(self._proc.read_file(path))
        except OSError:
            text = ""
        if "-----BEGIN CERTIFICATE-----" not in text:
            locations = f"error setting certificate verify locations:\n  CAfile: {path}\n  CApath: none"
            raise Problem(77, locations)
        return text

    async def _exchange(self, connection: Duplex, method: str, target: str, host: str, body: bytes) -> http1.Head:
        headers = self._headers(host, body)
        message = http1.request(method, quote(target, safe="/:@!$&'()*+,;=?~%[]"), headers)
        await self._note("".join(f"> {line}\n" for line in decode(message).split("\r\n")[:-1]).rstrip("\n"))
        try:
            await connection.write(message + body)
        except ConnectionError:
            raise Problem(56, "Recv failure: Connection reset by peer") from None
        reader = http1.Reader(response=True, method=method)
        sink = _Body(self._proc, self._options, self._output)
        try:
            shown = False
            while not reader.done:
                data = await connection.read()
                if not data:
                    self._ended(reader)
                    break
                piece = reader.feed(data)
                if reader.head is not None and not shown:
                    shown = True
                    await self._answered(reader.head, sink)
                await self._receive(piece, sink)
        except http1.ProtocolError:
            raise Problem(1, "Received HTTP/0.9 when not allowed") from None
        finally:
            await sink.close()
        assert reader.head is not None
        return reader.head

    def _ended(self, reader: http1.Reader) -> None:
        if reader.head is None:
            raise Problem(52, "Empty reply from server")
        try:
            reader.end()
        except http1.ProtocolError:
            raise Problem(18, "transfer closed with outstanding read data remaining") from None

    def _headers(self, host: str, body: bytes) -> list[tuple[str, str]]:
        options = self._options
        own = [text.partition(":") for text in options.values.get("header", [])]
        given = {name.strip().lower() for name, _, _ in own}
        headers = [("Host", host)]
        if options.on("user"):
            headers.append(("Authorization", "Basic " + base64.b64encode(encode(options.last("user"))).decode()))
        if options.on("oauth2-bearer"):
            headers.append(("Authorization", f"Bearer {options.last('oauth2-bearer')}"))
        headers += [("User-Agent", options.last("user-agent") or f"curl/{VERSION}"), ("Accept", "*/*")]
        for option, name in (("referer", "Referer"), ("cookie", "Cookie"), ("range", "Range")):
            if options.on(option):
                headers.append((name, options.last(option) if option != "range" else f"bytes={options.last(option)}"))
        if body or options.on(" body"):
            headers.append(("Content-Length", str(len(body))))
        if options.on("json"):
            headers.append(("Content-Type", "application/json"))
        elif options.on(" body") and not options.on("get"):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        kept = [(name, value) for name, value in headers if name.lower() not in given]
        return kept + [(name.strip(), value.strip()) for name, _, value in own if value.strip() and name.strip()]

    async def _answered(self, head: http1.Head, sink: _Body) -> None:
        options, transfer = self._options, self._transfer
        transfer.code = int(head.first[1])
        transfer.content_type = head.header("Content-Type")
        lines = [" ".join(head.first).strip(), *(f"{name}: {value}" for name, value in head.headers)]
        text = "".join(f"{line}\r\n" for line in lines) + "\r\n"
        transfer.header_size += len(text)
        await self._note("".join(f"< {line}\n" for line in lines) + "< ")
        if options.on("include") or options.on("head"):
            await sink.write(encode(text))
        if options.on("dump-header"):
            await self._proc.open_to_write(options.last("dump-header")).write(encode(text))
        if options.on("fail") and transfer.code >= 400:
            raise Problem(22, f"The requested URL returned error: {transfer.code}" + _reason(head))

    async def _receive(self, piece: bytes, sink: _Body) -> None:
        options, transfer = self._options, self._transfer
        if not piece or (options.on("location") and 300 <= transfer.code < 400):
            return
        transfer.size += len(piece)
        await sink.write(piece)

    async def _note(self, text: str) -> None:
        if self._options.on("verbose"):
            await self._proc.err(text + "\n")


def _reason(head: http1.Head) -> str:
    return f" {head.first[2]}" if head.first[2] else ""


def _tls(problem: TlsProblem, host: str) -> Problem:
    if problem.code == 77:
        return Problem(77, str(problem))
    if problem.code in (62, 64):
        return Problem(60, f"SSL: no alternative certificate subject name matches target host name '{host}'")
    if problem.code:
        return Problem(60, f"SSL certificate problem: {problem}")
    return Problem(35, str(problem))


def _output_name(options: Options, number: int, url: str) -> str:
    names = options.values.get("output", [])
    if number < len(names):
        return names[number]
    if options.on("remote-name"):
        return posixpath.basename(urlsplit(url).path)
    return ""


class _Body:
    """Where the answer goes: stdout, or a file that is made when the first bytes come."""

    def __init__(self, proc: Proc, options: Options, path: str) -> None:
        self._proc = proc
        self._path = "" if path == "-" else path
        tty = 1 in proc.fds and proc.fds[1].tty is not None
        self._meter = not options.on("silent") and (bool(self._path) or not tty) and not options.on("no-progress-meter")
        self._size = 0
        self._begun = False

    async def write(self, data: bytes) -> None:
        """Raises Problem."""
        self._size += len(data)
        if not self._path:
            await self._proc.out(data)
            return
        try:
            handle = self._proc.open_to_write(self._path, append=self._begun)
            await handle.write(data)
        except OSError as error:
            await self._proc.err(f"Warning: Failed to create the file {self._path}: {error.strerror}\n")
            raise Problem(23, f"Failed writing body (0 != {len(data)})") from None
        self._begun = True

    async def close(self) -> None:
        """The progress meter's last words."""
        if self._meter:
            size = f"{self._size:5}"
            await self._proc.err(
                "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
                "                                 Dload  Upload   Total   Spent    Left  Speed\n"
                f"\r100 {size}  100 {size}    0     0  {size}      0 --:--:-- --:--:-- --:--:-- {size}\n"
            )


PROGRAMS: Mapping[str, Program] = {"curl": curl}
