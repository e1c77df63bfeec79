"""Subcommands that neither serve nor look at files."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

from fakekube.sandbox.agnhost.flags import ends_on_signal, parse
from fakekube.sandbox.kernel import Proc, Program, decode
from fakekube.sandbox.network import UnknownHost, Unreachable

LETTERS = "bcdfghjklmnpqrstvwxz2456789"


async def pause(proc: Proc) -> int:
    """Say so, and wait."""
    ends_on_signal(proc)
    await proc.out("Paused\n")
    return await proc.ending


async def entrypoint_tester(proc: Proc) -> int:
    """Print the whole command line, as Go prints a list."""
    await proc.out(f"[{' '.join(proc.argv)}]\n")
    return 0


async def logs_generator(proc: Proc) -> int:
    """So many lines, spread over a time."""
    flags, _ = parse(proc.argv[2:], {"log-lines-total": 0, "t": 0, "run-duration": 0.0, "d": 0.0})
    lines, seconds = int(flags["t"] or flags["log-lines-total"]), float(flags["d"] or flags["run-duration"])
    ends_on_signal(proc)
    for number in range(lines):
        now = proc.kernel.clock.now()
        stamp = time.strftime("%m%d %H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}"
        await proc.err(f"I{stamp}       1 logs_generator.go:76] {_log_line(number)}\n")
        await proc.kernel.clock.sleep(seconds / lines)
    return 0


def _log_line(number: int) -> str:
    method, namespace = random.choice(("GET", "POST", "PUT")), random.choice(("kube-system", "default", "ns"))
    pod = "".join(random.choices(LETTERS, k=random.randint(3, 4)))
    return f"{number} {method} /api/v1/namespaces/{namespace}/pods/{pod} {random.randint(200, 599)}"


async def connect(proc: Proc) -> int:
    """Whether a TCP connection can be made, in words that tests look for."""
    flags, words = parse(proc.argv[2:], {"timeout": 0.0, "protocol": "tcp"})
    host, colon, port = (words[0] if words else "").rpartition(":")
    if not colon or not port.isdigit():
        await proc.err(f"UNKNOWN: address {words[0] if words else ''}: missing port in address\n")
        return 1
    try:
        network = proc.network
        connection = await network.connect(network.resolve(host)[0][1], int(port))
    except UnknownHost:
        await proc.err(f"DNS: lookup {host}: no such host\n")
    except ConnectionRefusedError:
        await proc.err("REFUSED\n")
    except Unreachable:
        await proc.kernel.clock.sleep(float(flags["timeout"]) or 127)
        await proc.err("TIMEOUT\n")
    else:
        connection.close()
        return 0
    return 1


async def dns_suffix(proc: Proc) -> int:
    """The domains that names are searched in."""
    return await _resolver(proc, "search")


async def dns_server_list(proc: Proc) -> int:
    """The name servers."""
    return await _resolver(proc, "nameserver")


async def _resolver(proc: Proc, key: str) -> int:
    rows = decode(proc.read_file("/etc/resolv.conf")).splitlines()
    row = next((row.split(" ") for row in rows if row.startswith(key)), None)
    if row is None:
        await proc.err("panic: Could not find DNS search list!\n")
        return 2
    await proc.out(f"{','.join(row[1:])}\n")
    return 0


async def etc_hosts(proc: Proc) -> int:
    """The hosts file."""
    await proc.out(decode(proc.read_file("/etc/hosts")) + "\n")
    return 0


COMMANDS: Mapping[str, Program] = {
    "pause": pause,
    "entrypoint-tester": entrypoint_tester,
    "logs-generator": logs_generator,
    "connect": connect,
    "dns-suffix": dns_suffix,
    "dns-server-list": dns_server_list,
    "etc-hosts": etc_hosts,
}
