"""Processes of a benchmark: a sandbox, workers that begin together, and how much memory each has."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import psutil

SPAWN = multiprocessing.get_context("spawn")
MB = 2**20


@dataclass
class Worker:
    """What one worker came to."""

    result: Any
    seconds: float
    cpu_seconds: float
    memory_mb: list[float] = field(default_factory=list[float])
    """Twice a second."""


class SandboxProcess:
    """The Stripe sandbox as a process of its own, on the state in a folder."""

    def __init__(self, home: Path) -> None:
        mine, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_serve, args=(home, theirs), daemon=True)
        self._process.start()
        if not mine.poll(30):
            self.stop()
            raise TimeoutError("the sandbox did not start")
        self.url: str = mine.recv()

    def cpu_seconds(self) -> float:
        """What it has used of a core so far."""
        used = psutil.Process(self._process.pid).cpu_times()
        return used.user + used.system

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.join(10)


def run_together(work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> tuple[list[Worker], float]:
    """Run `work(begin, *arguments)` in a process each; answers what came of them and the seconds in all.

    Each calls `begin()` when it is ready; the clock starts when all are.
    """
    gate = SPAWN.Barrier(len(arguments) + 1)
    pipes = [SPAWN.Pipe() for _ in arguments]
    processes = [
        SPAWN.Process(target=_work, args=(work, gate, theirs, given), daemon=True)
        for (_, theirs), given in zip(pipes, arguments, strict=True)
    ]
    for process in processes:
        process.start()
    gate.wait(120)
    began = time.monotonic()
    over = threading.Event()
    memory: list[list[float]] = [[] for _ in processes]
    watcher = threading.Thread(target=_watch, args=(processes, memory, over), daemon=True)
    watcher.start()
    answers: list[Any] = []
    try:
        for (mine, _), process in zip(pipes, processes, strict=True):
            while not mine.poll(0.05):
                if not process.is_alive() and not mine.poll():
                    raise RuntimeError(f"a worker died with exit code {process.exitcode}")
            answers.append(mine.recv())
        seconds = time.monotonic() - began
    finally:
        over.set()
        watcher.join()
        for process in processes:
            if len(answers) < len(processes) and process.is_alive():
                process.terminate()
            process.join(30)
    for answer in answers:
        if isinstance(answer, str):
            raise RuntimeError(answer)  # noqa: TRY004 - the traceback of a worker
    return [Worker(result, wall, cpu, used) for (result, wall, cpu), used in zip(answers, memory, strict=True)], seconds


def _work(work: Callable[..., Any], gate: Any, pipe: Connection, given: tuple[Any, ...]) -> None:
    marks: list[tuple[float, float]] = []

    def begin() -> None:
        gate.wait(120)
        marks.append((time.monotonic(), time.process_time()))

    try:
        result = work(begin, *given)
    except BaseException as error:
        import traceback

        gate.abort()
        pipe.send("".join(traceback.format_exception(error)))
        raise
    wall, cpu = marks[0]
    pipe.send((result, time.monotonic() - wall, time.process_time() - cpu))


def _watch(processes: Sequence[SpawnProcess], memory: list[list[float]], over: threading.Event) -> None:
    watched = [psutil.Process(process.pid) for process in processes]
    while not over.wait(0.5):
        for one, seen in zip(watched, memory, strict=True):
            try:
                seen.append(one.memory_info().rss / MB)
            except psutil.Error:
                continue


def _serve(home: Path, pipe: Connection) -> None:
    from tourpad.sandbox import server

    server.run_forever(home, deliver=False, ready=lambda running: pipe.send(running.url))
