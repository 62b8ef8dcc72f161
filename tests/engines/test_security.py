"""Who may talk to a cluster, and from where it can be reached."""

import datetime
import ipaddress
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra cluster")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from normshift.crew import Died, Done
from normshift.engines.dask import HEADROOM, dask
from normshift.params import Refused, Tls
from tests.engines import jobs
from tests.engines.clusters import cluster, engine
from tests.engines.jobs import NEEDS

ROOT = Path(__file__).parents[2]
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
LISTENING = "0A"  # the state of a socket in /proc/net/tcp
pytestmark = pytest.mark.slow


def signed(name: str, key, issuer, authority_key, authority: bool) -> x509.Certificate:
    today = datetime.datetime.now(datetime.UTC)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer or own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def certificates(folder: Path) -> Tls:
    """Write an authority of one's own, and what it vouches for."""
    folder.mkdir()
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = signed("authority", authority, None, authority, True)
    leaf = signed("normshift", own, root.subject, authority, False)
    pem = serialization.Encoding.PEM
    private = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, content in {"ca": root.public_bytes(pem), "cert": leaf.public_bytes(pem), "key": private}.items():
        (folder / f"{name}.pem").write_bytes(content)
    return Tls(*(str(folder / f"{name}.pem") for name in ("ca", "cert", "key")))


def options(tls: Tls) -> tuple[str, ...]:
    return ("--tls-ca-file", tls.ca, "--tls-cert", tls.certificate, "--tls-key", tls.key)


def squares(address: str, tls: Tls, patience: float = 60.0) -> list[int]:
    with dask(engine("dask", 1, address=address, tls=tls, patience=patience), NEEDS) as crew:
        outcomes = crew.run(jobs.square, range(4))
        return sorted(outcome.result for outcome in outcomes if isinstance(outcome, Done))


def test_with_certificates_only_who_has_them_gets_in(tmp_path):
    ours, others = certificates(tmp_path / "ours"), certificates(tmp_path / "others")
    with cluster(tmp_path / "nodes", 1, PATHS, options(ours)) as made:
        assert made.address.startswith("tls://")
        assert squares(made.address, ours) == [0, 1, 4, 9]
        with pytest.raises(Refused, match="no scheduler answers at tls://"):
            squares(made.address, others, patience=2.0)
        with pytest.raises(Refused, match="no scheduler answers at tcp://"):
            squares(made.address.replace("tls", "tcp"), Tls(None, None, None), patience=2.0)


def test_what_is_started_here_can_be_encrypted(tmp_path):
    with dask(engine("dask", 1, tls=certificates(tmp_path / "ours")), NEEDS) as crew:
        assert [outcome.result for outcome in crew.run(jobs.square, [3])] == [9]


def listening(pids: set[int]) -> set[str]:
    """Return the addresses at which processes listen."""
    inodes = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(os.readlink(entry))
            except FileNotFoundError:
                continue
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == LISTENING and f"socket:[{rest[5]}]" in inodes:
                found.add(address(local.partition(":")[0]))
    return found


def address(hexadecimal: str) -> str:
    words = [bytes.fromhex(hexadecimal[begin : begin + 8])[::-1] for begin in range(0, len(hexadecimal), 8)]
    return str(ipaddress.ip_address(b"".join(words)))


def descendants(pid: int) -> set[int]:
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return {pid}.union(*(descendants(int(one)) for some in children for one in some))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="sockets are read from Linux's /proc")
def test_what_is_started_here_listens_on_loopback_alone():
    with socket.create_server(("0.0.0.0", 0)):
        assert "0.0.0.0" in listening({os.getpid()})  # it would be seen
    with dask(engine("dask", 2), NEEDS) as crew:
        assert len(list(crew.run(jobs.square, range(4)))) == 4
        pids = descendants(os.getpid())
        assert len(pids) >= 3 and listening(pids) == {"127.0.0.1"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="sockets are read from Linux's /proc")
def test_beyond_loopback_the_dashboard_which_is_not_encrypted_stays_on_it(tmp_path, caplog):
    caplog.set_level("INFO", "normshift")
    with dask(engine("dask", 1, host="0.0.0.0", tls=certificates(tmp_path / "ours")), NEEDS) as crew:
        assert len(list(crew.run(jobs.square, range(2)))) == 2
        boards = [message for message in caplog.messages if "dashboard" in message]
        assert listening({os.getpid()}) >= {"0.0.0.0"}
        port = int(boards[-1].rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)), pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port))


def test_a_worker_of_another_version_is_not_used_and_the_remedy_is_said(tmp_path, caplog):
    other = tmp_path / "other" / "tests" / "engines"
    other.mkdir(parents=True)
    code = (ROOT / "tests" / "engines" / "jobs.py").read_text()
    for folder in (other, other.parent):
        (folder / "__init__.py").touch()
    (other / "jobs.py").write_text(code.replace('"PRETENDED_CODE", "1"', '"PRETENDED_CODE", "2"'))
    with cluster(tmp_path / "nodes", 1, PATHS) as made:
        made.environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "other"), PATHS["PYTHONPATH"]])
        made.worker()
        with dask(engine("dask", 2, address=made.address), NEEDS) as crew:
            assert crew.workers == 1 and len(list(crew.run(jobs.square, range(8)))) == 8
        said = [message for message in caplog.messages if "is not used" in message]
        assert len(said) == 1 and "code 2 instead of 1: install the same normshift" in said[0]


def test_a_worker_of_another_machine_is_not_used(tmp_path, caplog):
    with cluster(tmp_path / "nodes", 2, PATHS) as made:
        made.environment["PRETENDED_PROCESSOR"] = "that"
        made.worker()
        with dask(engine("dask", 3, address=made.address), NEEDS) as crew:
            assert crew.workers == 2 and crew.machine == jobs.machine()
        assert any("processor that instead of this: bits may differ" in message for message in caplog.messages)


@pytest.mark.parametrize("unlike", [{"PYTHONPATH": ""}, {"PRETENDED_CODE": "2"}, {"PRETENDED_PROCESSOR": "that"}])
def test_what_falls_to_unlike_workers_that_join_late_is_done_by_another(tmp_path, unlike):
    tasks = [(number, str(tmp_path)) for number in range(20)]
    with cluster(tmp_path / "nodes", 1, PATHS) as made:
        with dask(engine("dask", 1, address=made.address), NEEDS) as crew:
            outcomes = crew.run(jobs.slowly_on_this, tasks)
            finished = [next(outcomes)]
            made.environment.update(unlike)
            for _ in range(2):  # then most are unlike
                made.worker()
            finished += outcomes
    assert sorted(outcome.task for outcome in finished if isinstance(outcome, Done)) == tasks


def test_a_worker_that_dies_and_comes_back_beside_an_unlike_one_goes_on(tmp_path):
    with cluster(tmp_path / "nodes", 1, PATHS) as made:
        made.environment["PRETENDED_PROCESSOR"] = "zzz"
        made.worker()
        with dask(engine("dask", 2, address=made.address), NEEDS) as crew:
            first = list(range(8))
            assert crew.workers == 1
            tasks = [(number, str(tmp_path)) for number in first]
            done = [one.result for one in crew.run(jobs.dies_the_first_time, tasks) if isinstance(one, Done)]
            assert sorted(done) == first
            with pytest.raises(Died) as died:
                list(crew.run(jobs.dies_on_three, first))
            assert died.value.tasks == [3]


def test_workers_with_several_threads_are_refused(tmp_path):
    with cluster(tmp_path / "nodes", 0, PATHS) as made:
        made.worker("--nthreads", "2")
        with pytest.raises(Refused, match="2 threads: start it with --nthreads 1"):
            with dask(engine("dask", 1, address=made.address), NEEDS):
                pass


def test_the_memory_of_the_smallest_worker_counts_and_too_little_is_refused(tmp_path):
    with cluster(tmp_path / "nodes", 0, PATHS) as made:
        made.worker("--memory-limit", "1GiB")
        made.worker("--memory-limit", "2GiB")
        with dask(engine("dask", 2, address=made.address), NEEDS) as crew:
            assert (crew.workers, crew.memory) == (2, HEADROOM * 2**30)
        with dask(engine("dask", 2, address=made.address), replace(NEEDS, memory=1.5 * 2**30)) as crew:
            assert (crew.workers, crew.memory) == (1, HEADROOM * 2**31)
        with pytest.raises(
            Refused, match="1 GiB of memory, 3 are needed\n.*2 GiB of memory, 3 are needed|2 GiB.*\n.*1"
        ):
            with dask(engine("dask", 2, address=made.address), replace(NEEDS, memory=3 * 2**30)):
                pass


@pytest.mark.parametrize("without", ["workers", "scheduler"])
def test_who_lacks_the_package_is_refused_at_once_with_the_remedy(tmp_path, without):
    bare = {"PYTHONPATH": ""}
    with cluster(tmp_path / "nodes", 0, PATHS if without == "workers" else bare) as made:
        made.environment.update(bare if without == "workers" else PATHS)
        made.worker()
        subject = "worker tcp://.* is not used" if without == "workers" else "the scheduler tcp://.* cannot be used"
        with pytest.raises(Refused, match=rf"{subject}: ModuleNotFoundError.*: install the same normshift"):
            with dask(engine("dask", 1, address=made.address), NEEDS):
                pass


def test_without_the_extra_the_remedy_is_said():
    code = """
import sys
sys.modules["distributed"] = None
from normshift.engines.dask import dask
from normshift.params import Refused
from tests.engines.clusters import engine
try:
    with dask(engine("dask"), None):
        pass
except Refused as refused:
    print(refused)
"""
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **PATHS}, capture_output=True, text=True)
    assert done.stdout == "engine=dask: needs the extra: pip install 'normshift[cluster]'\n", done.stderr
