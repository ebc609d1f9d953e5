"""A real SLURM on this machine: munge, slurmctld and slurmd with a fake GPU, as root, no systemd.

`with running_cluster(folder) as cluster:` starts all three and stops them again. The fake GPU is
/dev/zero: SLURM hands it out, nobody computes on it.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "munged")
PACKAGES = "slurm-wlm slurmctld slurmd slurm-client munge"
INSTALL = f"apt-get install -y --no-install-recommends {PACKAGES}"
ASKED = "MICROGESTURE_TEST_SLURM"  # set by make test-slurm: daemons are started for it alone
CONFIGURED = Path("/etc/slurm")
MUNGE_SOCKET = Path("/run/munge/munge.socket.2")
PARTITIONS = """
PartitionName=cpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=OFF
PartitionName=gpu Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=OFF
PartitionName=low Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
"""


def why_not() -> str:
    """Why no cluster can be started here; '' where one can."""
    if not os.environ.get(ASKED):
        return "make test-slurm starts a SLURM of its own and runs this"
    if os.geteuid():
        return "a SLURM of one's own needs root"
    missing = [name for name in PROGRAMS if not _found(name)]
    if missing:
        return f"{', '.join(missing)} missing: {INSTALL}"
    if (CONFIGURED / "slurm.conf").exists():
        return f"{CONFIGURED}/slurm.conf is there: this machine has a SLURM already"
    return ""


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def configuration(folder: Path) -> str:
    """slurm.conf of a cluster whose files lie in `folder`."""
    host, (control, node) = socket.gethostname(), _free_ports(2)
    lines = f"""
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
EnforcePartLimits=ALL
KillWait=5
MinJobAge=86400
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=5
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.log
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=40000 Gres=gpu:h100:1 State=UNKNOWN
"""
    return lines.strip() + PARTITIONS


class Cluster:
    """What SLURM says: its records are asked, never ours."""

    def __init__(self, folder: Path):
        self.folder = folder

    def jobs(self) -> list[dict[str, str]]:
        """Every job since the start, as scontrol shows it, oldest first."""
        text = self.command("scontrol", "show", "job", "--details", "--oneliner").stdout
        rows = [line for line in text.splitlines() if line.startswith("JobId=")]
        found = [dict(re.findall(r"(\S+?)=(.*?)\s*(?= \S+?=|$)", line)) for line in rows]
        return sorted(found, key=lambda job: int(job["JobId"]))

    def of_rule(self, rule: str) -> list[dict[str, str]]:
        """The jobs of one rule (Snakemake writes it into the comment)."""
        begins = (f"rule_{rule}", f"rule_{rule}_wildcards_")
        comments = [(job, job.get("Comment", "")) for job in self.jobs()]
        return [
            job
            for job, comment in comments
            if comment == begins[0] or comment.startswith(begins[1])
        ]

    def command(self, *words: str) -> subprocess.CompletedProcess:
        """A command of SLURM's."""
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    def wait_for(self, asked, seconds: float = 120):
        """The first true answer to `asked()`; AssertionError where there is none in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := asked():
                return found
            time.sleep(1)
        raise AssertionError(f"not within {seconds} s:\n{self.records()}")

    def records(self) -> str:
        """A line a job: what SLURM gave to whom and how it ended."""
        keys = (
            "JobId",
            "Comment",
            "JobState",
            "Reason",
            "Restarts",
            "TRES",
            "JOB_GRES",
            "TimeLimit",
        )
        return "\n".join(
            " ".join(f"{key}={job.get(key, '')}" for key in keys) for job in self.jobs()
        )


def gpus(job: dict[str, str]) -> int:
    """The GPUs that a job was given (of a job that has not begun: none)."""
    found = re.search(r"gpu:h100:(\d+)", job.get("JOB_GRES", ""))
    return int(found[1]) if found else 0


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start all daemons, give the cluster, stop them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "slurm.conf").write_text(configuration(folder), encoding="utf-8")
    host = socket.gethostname()
    gres = f"AutoDetect=off\nNodeName={host} Name=gpu Type=h100 File=/dev/zero\n"
    (folder / "gres.conf").write_text(gres, encoding="utf-8")
    started, linked = [], []
    try:
        CONFIGURED.mkdir(exist_ok=True)
        for name in ("slurm.conf", "gres.conf"):
            (CONFIGURED / name).symlink_to(folder / name)
            linked.append(CONFIGURED / name)
        if not MUNGE_SOCKET.exists():
            _run("install", "-d", "-o", "munge", "-g", "munge", "-m", "755", "/run/munge")
            started.append(
                _daemon("runuser", "-u", "munge", "--", _found("munged"), "--foreground")
            )
        cluster = Cluster(folder)
        cluster.wait_for(MUNGE_SOCKET.exists, 60)
        started.append(_daemon(_found("slurmctld"), "-D"))
        cluster.wait_for(lambda: "UP" in cluster.command("scontrol", "ping").stdout, 120)
        started.append(_daemon(_found("slurmd"), "-D"))
        cluster.wait_for(lambda: "idle" in cluster.command("sinfo", "-h").stdout, 120)
        yield cluster
        print(cluster.records(), file=sys.stderr)
    finally:
        if started and started[-1].args[0].endswith("slurmd"):
            _end_all_jobs()
        for daemon in reversed(started):
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for path in linked:
            path.unlink(missing_ok=True)


def _end_all_jobs() -> None:
    """Cancel what runs and wait until it is gone: no job outlives its cluster."""
    subprocess.run(("scancel", "--user=root"), check=False, timeout=60)
    for _ in range(60):
        left = subprocess.run(("squeue", "-h"), capture_output=True, text=True, timeout=60)
        if left.returncode or not left.stdout.strip():
            return
        time.sleep(1)


def _daemon(*words: str) -> subprocess.Popen:
    """A daemon in the foreground: we end what we started, whatever becomes of its files."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing)


def _run(*words: str, check: bool = True) -> None:
    subprocess.run(
        words,
        check=check,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
