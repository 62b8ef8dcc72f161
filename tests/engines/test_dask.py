"""Dask's engine under faults: a scheduler and workers as processes of their own, real signals."""

import os
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra cluster")

from normshift.crew import Crew, Died, Done, Lost
from normshift.engines.dask import dask
from normshift.params import Refused, Tls
from tests.engines import jobs
from tests.engines.clusters import cluster, engine, kill
from tests.engines.jobs import NEEDS

ROOT = Path(__file__).parents[2]
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
# A task may kill two workers until it is looked at alone.
CONFIG = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("dask"), environment={**PATHS, **CONFIG}) as made:
        yield made


def done(outcomes) -> list:
    return [outcome.result for outcome in outcomes if isinstance(outcome, Done)]


@pytest.fixture
def crew(running) -> Crew:
    with dask(engine("dask", address=running.address), NEEDS) as made:
        yield made


def test_every_task_is_done_once(crew):
    assert (crew.workers, crew.far, crew.machine) == (2, True, jobs.machine())
    assert sorted(done(crew.run(jobs.square, range(50)))) == [number**2 for number in range(50)]


def test_nothing_to_do_is_nothing_done(crew):
    assert list(crew.run(jobs.square, [])) == []


def test_a_killed_worker_costs_nothing_but_time_and_is_told(crew, tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(8)]
    outcomes = list(crew.run(jobs.dies_the_first_time, tasks))
    assert sorted(done(outcomes)) == list(range(8))
    assert {outcome.task[0] for outcome in outcomes if isinstance(outcome, Lost)} >= {0, 3, 6}


def test_a_task_that_always_kills_is_named_after_all_others_are_done(crew):
    finished = []
    with pytest.raises(Died) as died:
        for outcome in crew.run(jobs.dies_on_three, range(8)):
            finished += done([outcome])
    assert died.value.tasks == [3] and sorted(finished) == [0, 1, 2, 4, 5, 6, 7]


def test_an_error_is_raised_after_all_others_are_done(crew):
    finished = []
    with pytest.raises(ValueError, match="three"):
        for outcome in crew.run(jobs.fails_on_three, range(8)):
            finished += done([outcome])
    assert sorted(finished) == [0, 1, 2, 4, 5, 6, 7]


def test_what_an_unlike_worker_gets_goes_to_another(crew, tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(6)]
    assert sorted(done(crew.run(jobs.unlike_the_first_time, tasks))) == list(range(6))


def test_a_killed_node_is_replaced_by_the_other(running, tmp_path):
    node = running.worker()
    with dask(engine("dask", workers=3, address=running.address), NEEDS) as crew:
        assert crew.workers == 3
        outcomes = crew.run(jobs.slowly, [(number, str(tmp_path)) for number in range(12)])
        finished = [next(outcomes)]
        kill(node)
        finished += outcomes
    assert sorted(done(finished)) == list(range(12))


def test_a_gone_scheduler_is_said_at_once(tmp_path):
    with cluster(tmp_path / "lost", 1, {**PATHS}) as made:
        with dask(engine("dask", 1, address=made.address), NEEDS) as crew:
            outcomes = crew.run(jobs.slowly, [(number, str(tmp_path)) for number in range(50)])
            next(outcomes)
            kill(made.processes[0])
            with pytest.raises(
                Refused, match="the scheduler .* is gone: what was finished is stored; the same command"
            ):
                list(outcomes)


def test_without_workers_it_gives_up_and_says_how_to_start_one(tmp_path):
    with cluster(tmp_path / "empty", 0, {**PATHS}) as made:
        with pytest.raises(Refused, match="0 of 2 .* within 1 s: start one with `dask worker tcp://127"):
            with dask(engine("dask", address=made.address, patience=1.0), NEEDS):
                pass


def test_when_the_last_worker_leaves_it_gives_up(tmp_path):
    with cluster(tmp_path / "left", 1, {**PATHS}) as made:
        with dask(engine("dask", 1, address=made.address, patience=3.0), NEEDS) as crew:
            outcomes = crew.run(jobs.slowly, [(number, str(tmp_path)) for number in range(50)])
            next(outcomes)
            kill(made.processes[1])
            with pytest.raises(Refused, match="no worker is left for 3 s: .* of 50 stacks were done"):
                list(outcomes)


def test_no_scheduler_there_is_said():
    with pytest.raises(Refused, match="no scheduler answers at tcp://127.0.0.1:9 "):
        with dask(engine("dask", address="tcp://127.0.0.1:9", patience=1.0), NEEDS):
            pass


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"address": "tcp://10.0.0.1:8786"}, "in the clear"),
        ({"address": "tls://127.0.0.1:8786"}, "engine.tls.ca"),
        ({"address": "127.0.0.1:8786"}, "must be like tcp://"),
        ({"host": "0.0.0.0"}, "without TLS"),
        ({"tls": Tls("ca.pem", None, "key.pem")}, "engine.tls.certificate: missing"),
        ({"tls": Tls("no.pem", "no.pem", __file__)}, "^engine.tls.ca=no.pem: no such file\nengine.tls.certificate=no"),
    ],
)
def test_what_would_be_open_to_others_is_refused(how, said):
    with pytest.raises(Refused, match=said):
        with dask(engine("dask", **how), NEEDS):
            pass
