"""agnhost's two webhooks: HTTPS servers whose certificate lies on a volume."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from fakekube.sandbox.agnhost import admissionwebhook, conversionwebhook
from fakekube.sandbox.agnhost.flags import ends_on_signal, go_error, parse
from fakekube.sandbox.kernel import Proc, Program
from fakekube.sandbox.serving import Answer, http
from fakekube.sandbox.tls import PROBLEMS, server_context

FLAGS: dict[str, str | int | bool | float] = {
    "tls-cert-file": "",
    "tls-private-key-file": "",
    "port": 443,
    "sidecar-image": "",
}
FLAGS |= {"alsologtostderr": False, "logtostderr": False, "v": 0}
FATAL = 255
"""What klog.Fatal ends with."""


async def _serve(answer: Answer, proc: Proc) -> int:
    flags, _ = parse(proc.argv[2:], FLAGS)
    try:
        files = [proc.read_file(str(flags[name])) for name in ("tls-cert-file", "tls-private-key-file")]
        context = server_context(*files)
    except PROBLEMS as error:
        return await _fatal(proc, str(error))
    except OSError as error:
        return await _fatal(proc, f"open {error.filename}: {go_error(error)}")
    port = int(flags["port"])
    ends_on_signal(proc)
    proc.listen(port, http(port, answer), tls=True, certificate=context)
    return await proc.ending


async def _fatal(proc: Proc, why: str) -> int:
    await proc.err(f"{why}\n")
    return FATAL


COMMANDS: Mapping[str, Program] = {
    "webhook": partial(_serve, admissionwebhook.answer),
    "crd-conversion-webhook": partial(_serve, conversionwebhook.answer),
}
