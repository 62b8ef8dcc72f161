"""SLURM's engine: the script of its jobs, and a real SLURM of one node where there is one."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("dask_jobqueue", reason="needs the extra cluster")

from normshift.crew import Done
from normshift.engines.slurm import cluster, slurm
from normshift.params import Jobs, Refused, Tls
from tests.engines import jobs
from tests.engines.clusters import engine, eventually
from tests.engines.jobs import NEEDS
from tests.engines.test_matrix import CELLS, same, study, train

ROOT = Path(__file__).parents[2]
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
CONF = """
ClusterName=one
SlurmctldHost={host}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmctldParameters=node_reg_mem_percent=1
NodeName={host} CPUs={cores} RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
"""
# As SLURM does where a user may have no more jobs.
TURNS_AWAY = "#!/bin/sh\nexit 1\n"
pytestmark = pytest.mark.slow


def script(**how) -> list[str]:
    asked = {"partition": None, "account": None, "walltime": "4:00:00", "directives": [], "prologue": []}
    own = {name: how.pop(name) for name in list(how) if name in asked}
    with cluster(engine("slurm", 3, jobs=Jobs(**{**asked, **own}), **how)) as made:
        return made.job_script().splitlines()


def test_a_job_asks_for_what_was_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = {"partition": "cpu", "account": "me", "walltime": "1-0:30:00", "directives": ["--qos=low"]}
    lines = script(**asked, prologue=["module load python"], memory=6.0)
    wanted = ["-p cpu", "-A me", "-t 1-0:30:00", "--qos=low", "--mem=6G", "-n 1", "--cpus-per-task=1"]
    assert {f"#SBATCH {one}" for one in wanted} <= set(lines)
    assert lines[-2] == "module load python"
    assert "--nthreads 1" in lines[-1] and "--memory-limit 6.00GiB" in lines[-1]
    assert f"--lifetime {int(0.9 * (24 * 3600 + 1800))}s" in lines[-1]
    assert "-p " not in "".join(line for line in script() if line.startswith("#SBATCH"))


def test_on_one_machine_workers_listen_on_loopback_and_beyond_it_encrypted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--dashboard-address 127.0.0.1:0 --host 127.0.0.1" in script()[-1]
    with pytest.raises(Refused, match="engine.host=0.0.0.0: others could run code as you without TLS"):
        with slurm(engine("slurm", 1, host="0.0.0.0"), NEEDS):
            pass
    with pytest.raises(Refused, match="engine.tls.key: missing"):
        with slurm(engine("slurm", 1, tls=Tls("ca.pem", "cert.pem", None)), NEEDS):
            pass


def test_how_many_jobs_must_be_said():
    with pytest.raises(Refused, match="engine.workers: say how many jobs"):
        with slurm(engine("slurm", None), NEEDS):
            pass


def test_where_slurm_is_not_it_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="there is no sbatch here"):
        with slurm(engine("slurm", 1), NEEDS):
            pass


def test_jobs_that_are_turned_away_do_no_harm_at_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sbatch").write_text(TURNS_AWAY)
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with cluster(engine("slurm", 1)) as made:
        made.scale(1)
        eventually(lambda: made.workers, 20)
        turned_away = list(made.workers.values())  # held: the cluster's end looks at those that are not forgotten yet
    assert turned_away[0].job_id is None


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A SLURM of this machine alone, started anew."""
    if missing := [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]:
        pytest.skip(f"no {', '.join(missing)}: Debian's packages slurm-wlm and munge have it")
    if os.geteuid() != 0:
        pytest.skip("SLURM's daemons are started as root")
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host, cores = socket.gethostname(), os.cpu_count()
    conf = CONF.format(folder=folder, host=host, cores=cores, controller=port(), node=port())
    (folder / "slurm.conf").write_text(conf)
    (folder / "munge.key").write_bytes(os.urandom(64))
    (folder / "munge.key").chmod(0o400)
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    places = {
        "key-file": "munge.key",
        "socket": "munge.socket",
        "pid-file": "pid",
        "seed-file": "seed",
        "log-file": "log",
    }
    munge = ["munged", "-F", "-f", *(f"--{name}={folder / place}" for name, place in places.items())]
    daemons = []
    try:
        for command in (munge, ["slurmctld", "-D"], ["slurmd", "-D"]):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            daemons.append(subprocess.Popen(command, env=environment, start_new_session=True, **quiet))
            eventually((folder / "munge.socket").exists, 20)

        def ready() -> bool:
            told = subprocess.run(["sinfo", "-h", "-o", "%t"], env=environment, capture_output=True, text=True)
            return told.stdout.strip() == "idle"

        try:
            eventually(ready, 30)
        except AssertionError:
            pytest.skip(f"SLURM cannot be started here: {(folder / 'slurmd.log').read_text()[-300:]}")
        yield environment
    finally:
        subprocess.run(["scancel", "--user=root"], env=environment, capture_output=True)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(30)


def queued(environment) -> list[str]:
    told = subprocess.run(["squeue", "-h", "-o", "%i"], env=environment, capture_output=True, text=True, check=True)
    return told.stdout.split()


def test_jobs_do_the_tasks_and_a_killed_one_is_replaced(running, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    for name, value in {**running, "PYTHONPATH": paths}.items():
        monkeypatch.setenv(name, value)
    settings = engine("slurm", 2, memory=1.0, patience=120.0)
    with slurm(settings, NEEDS) as crew:
        outcomes = crew.run(jobs.slowly, [(number, str(tmp_path)) for number in range(40)])
        finished = [next(outcomes)]
        killed = queued(running)[0]
        subprocess.run(["scancel", "--signal=KILL", killed], env=running, check=True)
        finished += outcomes
        eventually(lambda: len(set(queued(running)) - {killed}) == 2, 60)
    assert sorted(outcome.result for outcome in finished if isinstance(outcome, Done)) == list(range(40))
    eventually(lambda: not queued(running), 60)


def test_a_job_that_slurm_would_not_take_is_refused_at_once(running, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in running.items():
        monkeypatch.setenv(name, value)
    asked = Jobs("nowhere", None, "4:00:00", [], [])
    with pytest.raises(Refused, match="SLURM takes no such job: .*invalid partition"):
        with slurm(engine("slurm", 1, jobs=asked), NEEDS):
            pass


def test_the_tables_are_those_of_local(running, tmp_path):
    project = study(tmp_path / "checkout")
    project.call(*train("local"))
    shutil.rmtree(project.folder / "build" / "cells")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.items():
            patch.setenv(name, value)
        how = ["engine=slurm", "engine.workers=2", "engine.memory=2", "engine.patience=120"]
        text = project.call(*train("slurm", *how, f"engine.store={tmp_path / 'store'}"))
    assert f"{CELLS} to train" in text
    same(project, "slurm")
