"""A warm process that forks a child for every Python program of the drill.

Nearly all the time of a drill's job is the start of Python: torch, pandas and Snakemake read anew
each time. Here one process has imported them, and a job's process is a fork of it. It never imports
`microgesture`: the edits of the drill change its code, and every job reads its project's own.

`Forks` starts the server; what it hands out as `python` is a tiny program that sends its words,
folder, environment and open files to the server, hands SIGTERM and SIGINT on to the fork and ends as
the fork ends. A fork is called after what it runs (/proc/<pid>/comm): a script by its rule, else
"snakemake", or "snakemake-job" where it runs a single job.

A run from scratch may take a job from a cache of earlier runs from scratch (`cache`). Its key is
everything that a script can read: the bytes of its input files, all that Snakemake hands to it
(params, wildcards, threads, resources, the names of all files) but the signature `made_from`, and
the bytes of every file of the project but the sheets, which scripts do not read, and the list of
changed files. So a job is taken from the cache only where the same program ran on the same bytes,
and nothing of what decides this is what the drill tests. A run with edits takes nothing from it.
"""

import contextlib
import ctypes
import hashlib
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PRELOADED = (
    "numpy", "pandas", "pyarrow.parquet", "pyarrow.dataset", "h5py", "scipy.stats",
    "scipy.optimize", "scipy.special", "scipy.ndimage", "scipy.signal", "sklearn.metrics", "cv2",
    "yaml", "jsonschema", "tqdm", "torch", "torch.utils.data", "safetensors.torch",
    "torch._inductor", "accelerate", "mmengine", "snakemake.cli", "snakemake.script",
    "snakemake.iocontainers",
)  # fmt: skip
END = "######## snakemake preamble end #########\n"
CLIENT = """#!{python} -IS
import _signal, array, contextlib, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    words = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    files = array.array("i", [0, 1, 2])
    head = len(words).to_bytes(8, "big")
    server.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    server.sendall(words)
    fork = int.from_bytes(server.recv(8, socket.MSG_WAITALL), "big")
    def hand_on(number, frame):
        with contextlib.suppress(ProcessLookupError):
            os.kill(fork or os.getpid(), number)
    for number in (2, 15):
        _signal.signal(number, hand_on)
    code = server.recv(1)
os._exit(code[0] if code else 1)
"""


class Forks:
    """The server as a context: `python` is the program that stands for Python."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="forks")
        address = os.path.join(self._folder, "socket")
        self.python = os.path.join(self._folder, "python")
        Path(self.python).write_text(CLIENT.format(python=sys.executable, address=address))
        os.chmod(self.python, 0o755)
        words = [sys.executable, os.path.abspath(__file__), address, self.python]
        variables = {**os.environ, "OMP_NUM_THREADS": "1"}
        variables.pop("PYTHONPATH", None)  # nobody's `microgesture` but the job's own
        self._server = subprocess.Popen(words, env=variables)
        while not os.path.exists(address):
            if self._server.poll() is not None:
                raise RuntimeError("the process that forks has ended")
            time.sleep(0.05)
        return self

    def __exit__(self, *error):
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def project_digest(folder: Path) -> str:
    """A hash of every file of a project but its sheets, recordings and what runs leave."""
    digest = hashlib.sha256()
    left_out = {"demo", "videos", "recordings", "results", "logs", "benchmarks", ".snakemake"}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] in left_out or "__pycache__" in name.parts or not path.is_file():
            continue
        if name.as_posix() in ("config.yaml", "edit.yaml"):  # scripts get their values as params
            continue
        digest.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def serve(address: str, python: str) -> None:
    """Fork a child for every connection, as long as the drill lives."""
    parent = os.getppid()
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert not [name for name in sys.modules if name.split(".")[0] == "microgesture"]
    sys.path.pop(0)  # this file's folder
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address + ".new")
        server.listen(64)
        os.rename(address + ".new", address)
        server.settimeout(5)
        while os.getppid() == parent:  # it ends with the drill, however that ends
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            connection.setblocking(True)
            if os.fork() == 0:
                server.close()
                _child(connection, python)
            connection.close()


def _child(connection: socket.socket, python: str) -> None:
    """Run what the client asks for, in its folder and with its files; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        head, files, _, _ = socket.recv_fds(connection, 8, 3)
        length, words = int.from_bytes(head, "big"), b""
        while len(words) < length:
            words += connection.recv(length - len(words))
        arguments, folder, environment = json.loads(words)
        _call_this_process(arguments)
        connection.sendall(os.getpid().to_bytes(8, "big"))
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.executable = python
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        code = _run(arguments)
    finally:
        connection.sendall(bytes([code & 255]))
        os._exit(code & 255)


def _call_this_process(arguments: list[str]) -> None:
    """Give the process a name that tells what it runs: the first 15 letters of the rule's name."""
    if arguments[:2] == ["-m", "snakemake"]:
        name = "snakemake-job" if "--target-jobs" in arguments else "snakemake"
    else:  # Snakemake calls its copy tmp<letters>.<script>.py
        name = Path(arguments[0]).stem.rpartition(".")[2]
    ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME


def _run(arguments: list[str]) -> int:
    import atexit
    import threading
    import traceback

    code = 0
    try:
        if arguments[:2] == ["-m", "snakemake"]:
            from snakemake.cli import main

            sys.path.insert(0, os.getcwd())
            sys.argv = ["snakemake", *arguments[2:]]
            main()
        else:
            sys.path.insert(0, os.path.dirname(os.path.abspath(arguments[0])))
            sys.argv = arguments
            _run_script(arguments[0])
            loaded = getattr(sys.modules.get("microgesture"), "__file__", None)
            if loaded and not Path(loaded).is_relative_to(Path.cwd()):
                raise RuntimeError(f"the code of another project was run: {loaded}")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _run_script(path: str) -> None:
    """Run a script of Snakemake's, or take what it would write from the cache."""
    text = Path(path).read_text(encoding="utf-8")
    preamble, rest = text.split(END)
    names = {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__}
    main = type(sys)("__main__")
    main.__dict__.update(names)
    sys.modules["__main__"] = main
    exec(compile(preamble, path, "exec"), main.__dict__)
    body = compile("\n" * (preamble.count("\n") + 1) + rest, path, "exec")
    folder = os.environ.get("DRILL_CACHE")
    if not folder:
        exec(body, main.__dict__)
        return
    job = main.__dict__["snakemake"]
    place = Path(folder) / _key(job, rest)
    outputs = [Path(output) for output in job.output]
    if not place.exists():
        exec(body, main.__dict__)
        fresh = Path(tempfile.mkdtemp(dir=folder))
        for number, output in enumerate(outputs):
            shutil.copy(output, fresh / str(number))
        with contextlib.suppress(OSError):
            fresh.rename(place)
        return
    for number, output in enumerate(outputs):
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / str(number), output)


def _key(job, script: str) -> str:
    digest = hashlib.sha256(os.environ["DRILL_PROJECT"].encode())
    digest.update(script.encode())
    given = {key: value for key, value in job.params.items() if key != "made_from"}
    # `provenance` says which signature a checkpoint had; it stands in the metadata alone, which is
    # not compared. It stays in the key: a checkpoint's metadata are then those of its own job.
    handed = [given, dict(job.wildcards.items()), job.threads, dict(job.resources.items())]
    handed[-1].pop("tmpdir", None)
    digest.update(json.dumps(handed, sort_keys=True, default=_plain).encode())
    for kind in (job.input, job.output):
        # `changed` only says that the job is asked to run, in a folder with records or without
        named = [(name, _plain(value)) for name, value in kind.items() if name != "changed"]
        digest.update(repr(named).encode())
    for path in map(str, job.input):
        if path.endswith("state/changed"):
            continue
        digest.update(f"{path}\0".encode() + hashlib.sha256(Path(path).read_bytes()).digest())
    return digest.hexdigest()


def _plain(value):
    if isinstance(value, str):
        return str(value)
    return value.tolist() if hasattr(value, "tolist") else list(map(str, value))


if __name__ == "__main__":
    serve(*sys.argv[1:])
