"""Every fault of a download, by a server on this machine: the right bytes or nothing, and one line that says why."""

import logging
import os
import re
import socket

import pytest

from normshift.fetch.download import contents
from normshift.fetch.http import Bounded, Http, Unfit, downloaded
from normshift.fetch.places import Places
from tests.fetch import server as answers
from tests.fetch.made_up import ROLES, data, on_disk
from tests.fetch.made_up import contents as tiny

QUICK = Http(connect=1.0, read=0.5, retries=0)
AGAIN = QUICK._replace(retries=1)
ONE = "train_images"  # the set's first file


def one():
    """A set of one file, so that calls can be counted."""
    return data(files={ONE: data().files[ONE]})


def bring(where, *mirrors, own=None, http=QUICK):
    return contents(own or one(), Places(where, list(mirrors)), http)


def left(where):
    return {path.name for path in where.iterdir()} - {".lock"}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "tiny"


def refused():
    """The address of a port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_all_files_of_a_set_are_brought_once(server, cache):
    assert bring(cache, server.address, own=data()) == tiny()
    assert bring(cache, server.address, own=data()) == tiny()
    assert server.asked == {f"/{name}": 1 for name in ROLES.values()} and left(cache) == set(ROLES.values())


def test_what_is_there_needs_no_network_and_may_be_read_only(server, cache):
    bring(cache, server.address)
    cache.chmod(0o555)
    try:
        assert bring(cache) == {ONE: tiny()[ONE]}
    finally:
        cache.chmod(0o755)


@pytest.mark.parametrize("content", [b"", b"wrong", tiny()[ONE][:-1]])
def test_a_damaged_file_of_the_cache_is_brought_anew(server, cache, content):
    cache.mkdir(parents=True)
    (cache / ROLES[ONE]).write_bytes(content)
    assert bring(cache, server.address) == {ONE: tiny()[ONE]}
    assert left(cache) == {ROLES[ONE]} and (cache / ROLES[ONE]).read_bytes() == tiny()[ONE]


# How a mirror answers, and what is said of it.
LASTING = {
    "wrong bytes": (answers.flipped, "has other bytes than it should"),
    "too long": (answers.too_long, "is longer than it should be"),
    "endless": (answers.endless, "is longer than it should be"),
    "not found": (answers.status(404), "answered 404 Not Found"),
    "forbidden": (answers.status(403), "answered 403 Forbidden"),
}
PASSING = {
    "cut": (answers.cut, "was cut off"),
    "cut, no length": (answers.cut_unseen, r"was cut off at [\d,]+ of [\d,]+ bytes"),
    "a log-in page": (answers.page, "was cut off at 26 of"),
    "broken": (answers.status(500), "answered 500 Internal Server Error"),
    "too many calls": (answers.status(429), "answered 429 Too Many Requests"),
    "stalled": (answers.stall, "timed out"),
}
FAULTS = LASTING | PASSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_in_one_line_and_leaves_nothing(server, cache, fault):
    answer, said = FAULTS[fault]
    server.answers = [answer]
    with pytest.raises(ValueError) as caught:
        bring(cache, server.address)
    line = f"tiny: {re.escape(ROLES[ONE])} could not be had: {server.address} {said}.*: check the network, or say where"
    assert re.match(line, str(caught.value)) and "\n" not in str(caught.value)
    assert left(cache) == set() and server.asked.total() == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_the_next_mirror_serves(server, cache, fault):
    server.answers = [FAULTS[fault][0], answers.whole]
    assert bring(cache, server.address, server.address) == {ONE: tiny()[ONE]}
    assert left(cache) == {ROLES[ONE]} and server.asked.total() == 2


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_tried_again(server, cache, fault):
    server.answers = [PASSING[fault][0], answers.whole]
    assert bring(cache, server.address, http=AGAIN) == {ONE: tiny()[ONE]} and server.asked.total() == 2


@pytest.mark.parametrize("fault", LASTING)
def test_what_will_not_pass_is_not_tried_again(server, cache, fault):
    server.answers = [LASTING[fault][0], answers.whole]
    with pytest.raises(ValueError, match=LASTING[fault][1]):
        bring(cache, server.address, http=AGAIN)
    assert server.asked.total() == 1


@pytest.mark.slow
def test_attempts_are_further_and_further_apart(server, cache):
    server.answers = [answers.status(503)] * 3 + [answers.whole]
    assert bring(cache, server.address, http=Http(1.0, 0.5, 3)) == {ONE: tiny()[ONE]}
    assert server.asked.total() == 4


def test_a_slow_mirror_is_waited_for_as_long_as_bytes_come(server, cache):
    server.answers = [answers.slow]
    assert bring(cache, server.address) == {ONE: tiny()[ONE]} and server.asked.total() == 1


def test_a_dead_first_mirror_is_passed_by(server, cache):
    assert bring(cache, refused(), server.address) == {ONE: tiny()[ONE]}


def test_no_network_at_all_is_said_of_every_mirror(cache):
    dead = [refused(), refused()]
    with pytest.raises(
        ValueError, match=f"{dead[0]} gave no connection; {dead[1]} gave no connection: check"
    ) as caught:
        bring(cache, *dead)
    assert "data.mirror=PLACE or NORMSHIFT_DATA_MIRROR" in str(caught.value) and left(cache) == set()


def test_each_attempt_at_a_mirror_is_told(server, cache, caplog):
    with caplog.at_level(logging.INFO, "normshift"):
        bring(cache, refused(), server.address)
    assert [message.rpartition(" ")[2] for message in caplog.messages][1] == server.address


def test_a_folder_serves_as_a_mirror(tmp_path, cache):
    mirror = on_disk(tmp_path / "mirror")
    assert bring(cache, str(mirror / "tiny"), own=data()) == tiny() and left(cache) == set(ROLES.values())


def test_a_folder_that_lacks_a_file_or_has_another_is_passed_by(tmp_path, cache):
    bad, good = (on_disk(tmp_path / name) / "tiny" for name in ("bad", "good"))
    (bad / ROLES[ONE]).write_bytes(b"else")
    with pytest.raises(ValueError, match=rf"{bad} has other bytes than it should \(sha256\); /none No such file"):
        bring(cache, str(bad), "/none")
    assert left(cache) == set()
    assert bring(cache, str(bad), "/none", str(good)) == {ONE: tiny()[ONE]}


def test_what_a_killed_process_left_is_swept_away(server, cache):
    cache.mkdir(parents=True)
    (cache / "tmp1234").write_bytes(b"half")
    bring(cache, server.address)
    assert left(cache) == {ROLES[ONE]}


def test_nothing_is_written_beyond_the_size_of_the_file(tmp_path):
    from rich.progress import Progress

    with (tmp_path / "file").open("wb") as file, Progress(disable=True) as bar:
        bounded = Bounded(file, 10, bar)
        bounded.write(bytes(6))
        with pytest.raises(Unfit):
            bounded.write(bytes(5))
    assert (tmp_path / "file").stat().st_size == 6


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_noticed_as_it_is_written():
    from rich.progress import Progress

    full = open("/dev/full", "wb")
    bounded = Bounded(full, 10, Progress(disable=True))
    bounded.write(bytes(10))
    with pytest.raises(OSError, match="No space left"):
        bounded.flush()
    with pytest.raises(OSError, match="No space left"):
        full.close()


def test_one_file_of_a_mirror_is_put_in_place_whole(server, cache):
    downloaded(data().files[ONE], server.address, cache, QUICK)
    assert (cache / ROLES[ONE]).read_bytes() == tiny()[ONE]
