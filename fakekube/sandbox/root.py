"""What a container finds on its file system when it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from fakekube.sandbox import files
from fakekube.sandbox.containers import Launch
from fakekube.sandbox.files import Directory, File, FileSystem, Generated, Link, Mount, Node
from fakekube.sandbox.kernel import Executable, Kernel, Program
from fakekube.sandbox.network import Network

EXTRA = frozenset(("curl", "bash", "agnhost", "agnhost-2", "nnp"))
"""Programs that an image has only if its description says so; one that nobody described has them."""
USERS = (
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\n"
    "www-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
)
GROUPS = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nwww-data:x:33:\nnogroup:x:65534:\n"


def home(launch: Launch) -> dict[str, str]:
    """HOME, which the container runtime sets where the image does not."""
    return {} if "HOME" in launch.env else {"HOME": "/root" if launch.user == 0 else "/"}


def file_system(
    launch: Launch, now: Callable[[], float], programs: Mapping[str, Program], network: Network | None
) -> FileSystem:
    """The root of a container."""
    image = launch.image
    fs = files.standard(now, image.files, launch.read_only_root)
    if image.shell:
        _install(fs, launch, programs, now())
    fs.place("/etc/hostname", f"{launch.hostname}\n".encode())
    fs.place("/etc/hosts", _hosts(launch).encode())
    if network is not None:
        fs.place("/etc/resolv.conf", _resolver(launch, network).encode())
    for path, text in (("/etc/passwd", USERS), ("/etc/group", GROUPS)):
        if not fs.exists(path):
            fs.place(path, text.encode())
    fs.place_node("/var/run", Link(0o777, target="/run"))
    for mount in sorted(launch.mounts, key=lambda one: one.path.count("/")):
        fs.mount(mount)
    fs.mount(Mount(launch.termination_log, File(0o666, mtime=now())))
    fs.used, fs.inodes = 0, 1
    return fs


def _install(fs: FileSystem, launch: Launch, programs: Mapping[str, Program], now: float) -> None:
    image = launch.image
    wanted = {name for name in programs if name not in EXTRA or name in image.programs or not image.known}
    folder = fs.lookup("/bin")
    assert isinstance(folder, Directory)
    moment = int(now) // 86400 * 86400.0
    own = frozenset(image.programs).difference(programs)  # what nobody wrote does nothing, with success
    folder.entries = {**_executables(own, moment, "true"), **_executables(frozenset(wanted), moment)}
    for path in own:
        if "/" in path:
            name = path.rpartition("/")[2]
            mode = 0o6755 if path in image.setuid else 0o755
            fs.place_node(path, Executable(mode, name=name if name in programs else "true"))


@lru_cache(maxsize=64)
def _executables(names: frozenset[str], moment: float, program: str = "") -> dict[str, Node]:
    """The files of /bin, which containers share; nobody changes them."""
    return {name: Executable(0o755, mtime=moment, name=program or name) for name in names}


def _hosts(launch: Launch) -> str:
    alone = launch.pod["spec"].get("hostNetwork")
    lines = [f"# Kubernetes-managed hosts file{' (host network)' if alone else ''}.", "127.0.0.1\tlocalhost"]
    lines.append("::1\tlocalhost ip6-localhost ip6-loopback")
    lines += ["fe00::0\tip6-localnet", "fe00::0\tip6-mcastprefix", "fe00::1\tip6-allnodes", "fe00::2\tip6-allrouters"]
    spec, namespace = launch.pod["spec"], launch.pod["metadata"]["namespace"]
    domain = f"{launch.hostname}.{spec['subdomain']}.{namespace}.svc.cluster.local" if spec.get("subdomain") else ""
    lines.append("\t".join(part for part in (launch.ip, domain, launch.hostname) if part))
    aliases = launch.pod["spec"].get("hostAliases") or ()
    if aliases:
        lines += ["", "# Entries added by HostAliases."]
        lines += [f"{alias['ip']}\t" + "\t".join(alias.get("hostnames") or ()) for alias in aliases]
    return "\n".join(lines) + "\n"


def _resolver(launch: Launch, network: Network) -> str:
    """Follows the pod's dnsPolicy and dnsConfig."""
    spec = launch.pod["spec"]
    config = spec.get("dnsConfig") or {}
    inside = spec.get("dnsPolicy", "ClusterFirst") in ("ClusterFirst", "ClusterFirstWithHostNet")
    namespace = launch.pod["metadata"]["namespace"]
    domains = [f"{namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local"] if inside else []
    servers = ([network.name_server] if inside else []) + list(config.get("nameservers") or ())
    options = ["ndots:5"] if inside else []
    given = config.get("options") or ()
    options += [one["name"] + (f":{one['value']}" if one.get("value") is not None else "") for one in given]
    lines = [f"nameserver {server}" for server in servers]
    domains += config.get("searches") or ()
    lines += [f"search {' '.join(domains)}"] if domains else []
    lines += [f"options {' '.join(options)}"] if options else []
    return "\n".join(lines) + "\n"


def add_proc(kernel: Kernel, launch: Launch) -> None:
    """/proc, as far as scripts look at it."""
    fs = kernel.fs
    made: dict[str, Callable[[], bytes]] = {
        "/proc/uptime": lambda: f"{kernel.clock.now() - kernel.booted:.2f} 0.00\n".encode(),
        "/proc/version": lambda: b"Linux version 5.4.0-58-generic (buildd@lcy01-amd64-004) #64-Ubuntu SMP\n",
        "/proc/loadavg": lambda: f"0.00 0.00 0.00 1/{len(kernel.procs)} {max(kernel.procs, default=1)}\n".encode(),
        "/proc/meminfo": lambda: b"MemTotal:        2041280 kB\nMemFree:         1012344 kB\n",
        "/proc/cpuinfo": lambda: (
            b"processor\t: 0\nmodel name\t: Simulated CPU\n\nprocessor\t: 1\nmodel name\t: Simulated CPU\n"
        ),
        "/proc/mounts": lambda: b"overlay / overlay rw,relatime 0 0\n",
        "/proc/1/cmdline": lambda: "\0".join(launch.argv).encode() + b"\0",
        "/proc/1/environ": lambda: "\0".join(f"{name}={value}" for name, value in launch.env.items()).encode(),
        "/proc/1/status": partial(_status, launch),
        "/proc/self/status": partial(_status, launch),
    }
    for path, make in made.items():
        fs.place_node(path, Generated(0o444, make=make))


def _status(launch: Launch) -> bytes:
    ids = "\t".join([str(launch.user)] * 4), "\t".join([str(launch.group)] * 4)
    name = launch.argv[0].rpartition("/")[2] if launch.argv else ""
    return f"Name:\t{name}\nState:\tS (sleeping)\nPid:\t1\nUid:\t{ids[0]}\nGid:\t{ids[1]}\n".encode()


def peek(launch: Launch, path: str) -> bytes | None:
    """A file of a container into which nobody has looked yet, if it is the image's."""
    text = launch.image.files.get(path)
    return None if text is None else text.encode()
