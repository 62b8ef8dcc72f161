"""The cell store at a URL, against a real server on loopback."""

import os

import boto3
import numpy as np
import pytest

pytest.importorskip("s3fs", reason="needs the extra cluster")

from normshift.engines.store import Folder, Remote, opened
from normshift.engines.store import remote as module
from normshift.params import Refused
from normshift.records import BadRecord
from tests.s3 import bucket, server

RECORD = {"training_loss": np.arange(5, dtype=np.float32), "diverged_step": np.int32(-1)}
DIGESTS = [f"{number:04x}" for number in range(7)]
# Threads and sockets of the server and of s3fs are closed late.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module", autouse=True)
def running():
    with server() as endpoint:
        yield endpoint


@pytest.fixture
def place() -> str:
    return f"s3://{bucket()}/some/cells"


def objects(place: str):
    name, _, prefix = place.removeprefix("s3://").partition("/")
    return {one.key.removeprefix(f"{prefix}/"): one for one in boto3.resource("s3").Bucket(name).objects.all()}


def test_what_is_put_there_is_got_here(place, tmp_path):
    there, here = opened(place, tmp_path / "there"), opened(place, tmp_path / "here")
    assert here.present(DIGESTS) == set()
    for digest in DIGESTS[:3]:
        there.put(digest, RECORD)
    assert not list((tmp_path / "there").rglob("*.npz"))
    assert here.present(DIGESTS) == set(DIGESTS[:3])
    assert np.array_equal(here.take(DIGESTS[1])["training_loss"], RECORD["training_loss"])
    assert sorted(objects(place)) == sorted(f"{d[:2]}/{d}.{kind}" for d in DIGESTS[:3] for kind in ("npz", "sha256"))


def test_bytes_are_those_of_a_folder(place, tmp_path):
    opened(place, tmp_path).put("ab12", RECORD)
    Folder(tmp_path / "folder").put("ab12", RECORD)
    files = {str(path.relative_to(tmp_path / "folder")): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert {name: one.get()["Body"].read() for name, one in objects(place).items()} == files


def test_many_cells_come_a_few_at_once(place, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 3)
    store = opened(place, tmp_path)
    for digest in DIGESTS:
        store.put(digest, RECORD)
    assert store.present(DIGESTS) == set(DIGESTS)


@pytest.mark.parametrize("fault", ["cut", "no checksum", "other checksum", "no record"])
def test_what_is_not_whole_counts_as_missing(place, tmp_path, fault):
    store = opened(place, tmp_path)
    store.put("ab12", RECORD)
    record, said = (objects(place)[f"ab/ab12.{kind}"] for kind in ("npz", "sha256"))
    {
        "cut": lambda: boto3.resource("s3").Object(record.bucket_name, record.key).put(Body=b"half"),
        "no checksum": said.delete,
        "other checksum": lambda: boto3.resource("s3").Object(said.bucket_name, said.key).put(Body=b"0" * 64),
        "no record": record.delete,
    }[fault]()
    assert store.present(["ab12"]) == set()
    with pytest.raises(BadRecord, match="run the same command again"):
        store.take("ab12")
    store.put("ab12", RECORD)
    assert store.present(["ab12"]) == {"ab12"}


def test_what_is_near_is_not_asked_for_again(place, tmp_path):
    store = opened(place, tmp_path)
    store.put("ab12", RECORD)
    assert store.present(["ab12"]) == {"ab12"}
    for one in objects(place).values():
        one.delete()
    assert store.present(["ab12"]) == {"ab12"} and store.take("ab12")


def test_files_are_lent_once(place, tmp_path):
    (tmp_path / "inputs.npy").write_bytes(b"content")
    store = opened(place, tmp_path / "near")
    name = store.lend(tmp_path / "inputs.npy")
    assert store.lent(name) == b"content" and store.lend(tmp_path / "inputs.npy") == name
    assert list(objects(place)) == [f"lent/{name}"]


def test_a_bucket_that_is_not_there_is_said_before_anything_is_trained(tmp_path):
    with pytest.raises(OSError, match="engine.store=s3://nowhere/cells: there is no such bucket"):
        opened("s3://nowhere/cells", tmp_path).present(DIGESTS)


def test_where_nothing_can_be_kept_is_said_before_anything_is_trained(place, tmp_path):
    opened(place, tmp_path).ready()
    assert opened(place, tmp_path).present(["ready"]) == set()
    with pytest.raises(OSError, match="engine.store=s3://nowhere/cells: "):
        opened("s3://nowhere/cells", tmp_path).ready()


@pytest.mark.parametrize("secret", ["wrong", None])
def test_only_the_environment_lets_in(place, tmp_path, secret):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_SECRET_ACCESS_KEY") if secret is None else patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        if secret is None:
            patch.delenv("AWS_ACCESS_KEY_ID")
        Remote(place, tmp_path).files.clear_instance_cache()
        with pytest.raises(OSError, match=f"engine.store={place}: "):
            opened(place, tmp_path).present(DIGESTS)
    Remote(place, tmp_path).files.clear_instance_cache()


def test_a_server_that_is_gone_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setitem(os.environ, "AWS_MAX_ATTEMPTS", "1")
    Remote("s3://any/cells", tmp_path).files.clear_instance_cache()
    with pytest.raises(OSError, match="engine.store=s3://any/cells: "):
        opened("s3://any/cells", tmp_path).present(DIGESTS)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3://key:secret@bucket/cells", "holds credentials; give them in the environment"),
        ("nonsense://bucket/cells", "nonsense"),
    ],
)
def test_a_place_that_cannot_be_one_is_refused(place, said, tmp_path):
    with pytest.raises(Refused, match=said) as refused:
        opened(place, tmp_path)
    assert "secret" not in str(refused.value)
