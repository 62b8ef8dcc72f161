"""How many cells train together: as many as fit."""

from normshift.params import Engine, Train
from normshift.train import memory
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(2))
HERE = Train("stacked", "cpu")


def engine(gib: float, workers: int | None = 2) -> Engine:
    return Engine("local", "local", workers, gib)


def test_small_networks_fill_the_largest_stack_and_fewer_fit_into_less():
    sizes = []
    for gib in (64.0, 2.2, 1.7):
        workers, fits = memory.shared([cell(width=400)], DATA, HERE, engine(gib))
        assert workers == 2
        sizes.append(fits(cell(width=400)))
    assert sizes[0] == 32 > sizes[1] > sizes[2] >= 1


def test_where_two_workers_do_not_fit_there_is_one():
    assert memory.shared([cell()], DATA, HERE, engine(1.0))[0] == 1
    assert memory.shared([cell()], DATA, HERE, engine(64.0, workers=None))[0] >= 1


def test_a_program_whose_bits_depend_on_the_company_has_none_on_the_processor():
    assert memory.shared([cell()], DATA, Train("mapped", "cpu"), engine(4.0))[1](cell()) == 1


def test_a_gpu_trains_as_many_as_fit_in_one_process():
    workers, fits = memory.shared([cell()], DATA, Train("stacked", "cuda"), engine(64.0))
    assert workers == 1 and fits(cell()) > 1000
