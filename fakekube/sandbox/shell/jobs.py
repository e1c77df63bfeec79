"""Job control: jobs, fg, bg, wait, and kill for jobs (XCU 2.9.3, 2.14), in the words of ash."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.sandbox.kernel import CONT
from fakekube.sandbox.shell.interpreter import Builtin, Shell
from fakekube.sandbox.shell.state import Job, ShellError

INTERRUPTED = 128 + 15
"""The status of a `wait` that a trapped signal ended."""


def find(shell: Shell, spec: str) -> Job:
    """The job of %1, %+, %-, %name, %?text; "" is the current one. Raises ShellError."""
    known = shell.state.jobs
    name = spec.removeprefix("%")
    if name in ("", "+", "%"):
        found = known[:1]
    elif name == "-":
        found = known[1:2]
    elif name.isdigit():
        found = [job for job in known if job.number == int(name)]
    elif name.startswith("?"):
        found = [job for job in known if name[1:] in job.text]
    else:
        found = [job for job in known if job.text.startswith(name)]
    if len(found) > 1:
        raise ShellError(f"{spec}: ambiguous", 1)
    if not found:
        raise ShellError("no current job" if not spec else f"{spec}: no such job", 1)
    return found[0]


async def jobs(shell: Shell, arguments: list[str]) -> int:
    """Show them, and forget those that have ended."""
    flags = {letter for one in arguments if one.startswith("-") for letter in one[1:]}
    names = [one for one in arguments if not one.startswith("-")]
    wanted = [find(shell, one) for one in names] or list(shell.state.jobs)
    for job in wanted:
        text = f"{job.procs[0].pid}\n" if "p" in flags else job.line(shell.mark(job), pid="l" in flags)
        await shell.proc.out(text)
        job.told = job.status
    for job in wanted:
        if job.done and "p" not in flags:
            shell.state.jobs.remove(job)
    return 0


async def foreground(shell: Shell, arguments: list[str]) -> int:
    """Go on with a job, and wait for it."""
    job = find(shell, arguments[0] if arguments else "")
    shell.state.jobs.remove(job)
    await shell.proc.out(f"{job.text}\n")
    shell.foreground = job.procs  # before it reads the terminal
    _go_on(shell, job)
    return (await shell.wait_for(job.procs, job))[-1]


async def background(shell: Shell, arguments: list[str]) -> int:
    """Go on with jobs."""
    for spec in arguments or [""]:
        job = find(shell, spec)
        shell.state.jobs.remove(job)
        _go_on(shell, job)
        shell.add_job(job)
        await shell.proc.out(f"[{job.number}] {job.text}\n")
    return 0


def _go_on(shell: Shell, job: Job) -> None:
    job.told = "Running"
    for leader in job.procs:
        for proc in shell.proc.kernel.family(leader):
            proc.kill(CONT)


async def wait(shell: Shell, arguments: list[str]) -> int:
    """Wait for jobs and processes, or for all; the status is the last one's."""
    if not arguments:
        waited = [await _wait_for_job(shell, job) for job in list(shell.state.jobs)]
        return INTERRUPTED if None in waited else 0
    status: int | None = 0
    for word in arguments:
        job = find(shell, word) if word.startswith("%") else _job_of(shell, word)
        status = 127 if job is None else await _wait_for_job(shell, job)
        if status is None:
            return INTERRUPTED
    return status or 0


def _job_of(shell: Shell, pid: str) -> Job | None:
    if not pid.isdigit():
        raise ShellError(f"Illegal number: {pid}")
    return next((job for job in shell.state.jobs if any(str(proc.pid) == pid for proc in job.procs)), None)


async def _wait_for_job(shell: Shell, job: Job) -> int | None:
    """Its code; None if a trapped signal came first."""
    for proc in job.procs:
        if await shell.wait_or_signal(proc) is None:
            return None
    if "i" not in shell.state.options:
        await shell.tell_death(job.procs[-1])
    return job.procs[-1].ended.result()


def killer(program: Builtin) -> Builtin:
    """`kill` that also takes jobs."""

    async def kill(shell: Shell, arguments: list[str]) -> int:
        words: list[str] = []
        for word in arguments:
            if word.startswith("%"):
                leaders = find(shell, word).procs
                words += [str(proc.pid) for leader in leaders for proc in shell.proc.kernel.family(leader)]
            else:
                words.append(word)
        if arguments and len(words) == sum(word.startswith("-") for word in arguments) < len(arguments):
            return 0  # the jobs have ended
        return await program(shell, words)

    return kill


def table(kill: Builtin) -> Mapping[str, Builtin]:
    """All of them by name; `kill` is the program."""
    return {"jobs": jobs, "fg": foreground, "bg": background, "wait": wait, "kill": killer(kill)}
