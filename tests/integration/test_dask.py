"""A sweep on a real Dask scheduler with two worker processes: the bits of the local sweep, whoever is killed."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from l2tui.errors import L2tuiError
from l2tui.runs.listing import list_runs
from l2tui.settings import Settings, changed
from l2tui.sweep.coordinator import run_sweep
from l2tui.sweep.directory import SweepPlan, create_sweep, read_status

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SETTINGS = Settings(hidden=16, epochs=160, learning_rate=0.5, batch_size=8, train_size=60, folds=3)
GRID = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)


def make(path, settings=SETTINGS):
    return create_sweep(SweepPlan(settings=settings, l2=GRID, workers=2), path=path)


def files(sweep):
    return sweep.lanes.read_bytes(), sweep.curves.read_bytes()


@pytest.fixture(scope="module")
def cluster():
    """The address of a scheduler, and its two workers."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = subprocess.Popen([*common, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    workers = [subprocess.Popen([*worker, "--no-dashboard"], **quiet) for _ in range(2)]
    try:
        wait_for_workers(address, 2)
        yield address, workers
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait(10)


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def pool(address):
    from l2tui.sweep.dask_pool import DaskPool

    return lambda plan: DaskPool(plan.settings, address)


def free_port():
    with socket.socket() as open_socket:
        open_socket.bind(("127.0.0.1", 0))
        return open_socket.getsockname()[1]


def test_a_cluster_of_another_version_is_refused_with_both_named(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("l2tui.sweep.dask_pool.np.__version__", "1.0.other")
    with pytest.raises(L2tuiError, match=r"has NumPy \S+, this machine has 1.0.other"):
        run_sweep(make(tmp_path / "sweep"), make_pool=pool(cluster[0]))


@pytest.fixture
def address(request):
    """An address at which there is no cluster: none listens, a listener says nothing, or what is no answer."""
    if request.param == "no port":
        yield "nonsense"
        return
    if request.param == "nobody":
        yield f"tcp://127.0.0.1:{free_port()}"
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = []

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])
                    if request.param == "another":
                        taken[-1].sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        for connection in taken:
            connection.close()


@pytest.mark.parametrize("address", ["nobody", "silence", "another", "no port"], indirect=True)
def test_where_no_cluster_answers_one_line_says_so(address):
    command = [sys.executable, "-m", "l2tui", "sweep", "moons", "--dask", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"{address}: no Dask cluster answers there" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    # Nothing is left of it in the list of runs.
    assert list_runs() == []


def test_the_bits_are_those_of_the_local_sweep(cluster, tmp_path):
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    run_sweep(here)
    assert run_sweep(there, make_pool=pool(cluster[0])).state == "finished"
    assert files(there) == files(here)


def test_the_client_leaves_and_comes_back(cluster, tmp_path):
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    box = []
    run_sweep(
        there,
        make_pool=pool(cluster[0]),
        on_coordinator=box.append,
        on_status=lambda status: status.share > 0.3 and box[0].stop(),
    )
    assert read_status(there).state == "stopped"
    run_sweep(there, make_pool=pool(cluster[0]))
    run_sweep(here)
    assert files(there) == files(here)


def test_a_worker_that_is_killed_in_the_middle_is_made_up_for(cluster, tmp_path):
    address, workers = cluster
    settings = changed(SETTINGS, hidden=32, epochs=1500)
    here, there = make(tmp_path / "here", settings), make(tmp_path / "there", settings)
    killed = []

    def kill_one(status):
        if status.share > 0.3 and not killed:
            killed.append(workers[0].pid)
            psutil.Process(workers[0].pid).send_signal(signal.SIGKILL)
            deadline = time.monotonic() + 30
            while workers[0].poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.01)

    assert run_sweep(there, make_pool=pool(address), on_status=kill_one).state == "finished"
    assert killed
    run_sweep(here)
    assert files(there) == files(here)
