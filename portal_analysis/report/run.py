"""Run notebooks from top to bottom, in a folder of their own, and say where one fails.

Hands on the executed notebooks; what they exported lies in the folder.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from portal_analysis.faults import Error

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

CELL_SECONDS = 600
MOST = 4
"""So many notebooks run at the same time, if there are as many processors."""


class RunError(Error):
    """A notebook did not run to its end."""


@dataclass(frozen=True)
class Ran:
    """A notebook after its run: its name without ending, and its cells with their outputs."""

    name: str
    notebook: NotebookNode


def run_notebooks(
    paths: list[Path], folder: Path, environment: Mapping[str, str], step: Callable[[str], None]
) -> list[Ran]:
    """Run notebooks, as many at once as there are processors; each in a fresh kernel of this Python, in ``folder``.

    Parameters
    ----------
    paths : list of Path
        The notebooks.
    folder : Path
        The kernels' working folder.
    environment : mapping
        Environment variables for the kernels.
    step : callable
        Called with the notebook's name after each code cell.

    Raises
    ------
    RunError
        If a notebook is broken, or a cell raises: which notebook, which cell, what was raised.
    """
    values = {**environment, "PYTHONWARNINGS": "ignore", "JUPYTER_PLATFORM_DIRS": "1"}
    with _environment(values), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running = _Running(folder, step)
        with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1)) as workers:
            try:
                return _results([workers.submit(running.run, path) for path in paths])
            except BaseException:
                running.stop()
                workers.shutdown(cancel_futures=True)
                raise


def _results(asked: list[Future[Ran]]) -> list[Ran]:
    """Return the notebooks in their order once all have run; the first that fails ends the waiting."""
    done, _ = wait(asked, return_when=FIRST_EXCEPTION)
    return [one.result() for one in asked if one in done]


class _Running:
    """Notebooks that run at the same time: what each shows as it goes on, and what ends them all."""

    def __init__(self, folder: Path, step: Callable[[str], None]) -> None:
        self.folder, self.step = folder, step
        self.lock, self.stopped = Lock(), False
        self.kernels: list[AsyncKernelManager] = []

    def run(self, path: Path) -> Ran:
        """Run one notebook."""
        return Ran(path.stem, _run(path, self))

    def stepped(self, name: str) -> None:
        """Say that a cell is done; two never say so at once."""
        with self.lock:
            self.step(name)

    def begin(self, kernel: AsyncKernelManager) -> None:
        """Keep a kernel in mind, to be ended with the others."""
        with self.lock:
            self.kernels.append(kernel)
            if self.stopped:
                raise RunError("another notebook did not run to its end")

    def stop(self) -> None:
        """End all kernels; what waits for them ends too."""
        with self.lock:
            self.stopped = True
            for kernel in self.kernels:
                pid = getattr(kernel.provisioner, "pid", None)
                if pid:
                    with suppress(OSError):
                        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def code_cells(path: Path) -> int:
    """Return how many code cells a notebook has."""
    return sum(cell.cell_type == "code" for cell in read_notebook(path).cells)


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    RunError
        If the file is no notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise RunError(f"{path} is no notebook that can be read: {error}") from error


def _run(path: Path, running: _Running) -> NotebookNode:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = read_notebook(path)
    with tempfile.TemporaryDirectory(prefix="pa-") as sockets:
        kernel = _kernel(sockets)
        running.begin(kernel)
        client = NotebookClient(
            notebook,
            km=kernel,
            timeout=CELL_SECONDS,
            extra_arguments=["--log-level=40"],
            resources={"metadata": {"path": str(running.folder)}},
            on_cell_executed=lambda cell, cell_index, execute_reply: running.stepped(path.stem),
        )
        try:
            asyncio.run(client.async_execute(cleanup_kc=True))
        except CellExecutionError as error:
            raised = f"{error.ename}: {error.evalue}".strip()
            raise RunError(f"{path.name}, code cell {_failed_cell(notebook)}: {raised}") from error
        except (CellTimeoutError, DeadKernelError) as error:
            stopped = f"the kernel died or took more than {CELL_SECONDS} seconds"
            raise RunError(f"{path.name}, code cell {_reached(notebook)}: {stopped}") from error
    return notebook


def _kernel(sockets: str) -> AsyncKernelManager:
    """Return a kernel that talks over sockets in a private folder, or over TCP where there are none."""
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name="python3")
    if os.name == "posix":
        manager.transport = "ipc"
        manager.ip = f"{sockets}/k"
    return manager


def _failed_cell(notebook: NotebookNode) -> int:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    failed = [
        place
        for place, cell in enumerate(code, start=1)
        if any(output.output_type == "error" for output in cell.outputs)
    ]
    return failed[0] if failed else _reached(notebook)


def _reached(notebook: NotebookNode) -> int:
    """Return the place of the code cell that was started last."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [place for place, cell in enumerate(code, start=1) if "execution" in cell.metadata]
    return max(begun, default=1)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
