"""How many cells train together: as many as fit."""

import subprocess
import sys
from pathlib import Path

import pytest

from normshift.crew import GIB, Crew
from normshift.params import Train
from normshift.train import memory
from tests.train.made_up import cell, shuffled

ROOT = Path(__file__).parents[2]
DATA = shuffled(range(2))
HERE = Train("stacked", "cpu")


def crew(gib: float, workers: int = 2, **machine) -> Crew:
    """A crew whose workers have so much memory together."""
    return Crew(workers, gib / workers * GIB, machine, run=lambda work, tasks: iter(()))


def fits(one, gib: float, train: Train = HERE, workers: int = 2, **machine) -> int:
    many = [one] * 10_000
    return memory.fitting(many, DATA, train, crew(gib, workers, **machine))(one)


def test_small_networks_fill_the_largest_stack_and_fewer_fit_into_less():
    sizes = [fits(cell(width=400), gib) for gib in (64.0, 2.2, 1.7)]
    assert sizes[0] == 32 > sizes[1] > sizes[2] >= 1


def test_every_worker_gets_a_stack():
    cells = [cell(seed=seed) for seed in (0, 1) for _ in range(15)]
    sizes = [memory.fitting(cells, DATA, HERE, crew(64.0 * workers, workers))(cells[0]) for workers in (1, 4, 7, 50)]
    assert sizes == [30, 8, 5, 1]


def test_what_an_optimiser_keeps_of_every_weight_is_reckoned():
    needs = [memory.per_cell(cell(width=400, optimizer=kind), HERE, 160, (12,)) for kind in ("sgd", "momentum", "adam")]
    weights = 4 * (400 * (12 + 400 + 400) + 3 * 400 + 10 * (400 + 1))  # weights, biases, the output of ten classes
    assert needs[1] - needs[0] == needs[2] - needs[1] == weights


def test_what_a_worker_needs_is_what_the_largest_of_the_cells_needs():
    small, large = cell(width=100), cell(width=400)
    both, alone = (memory.needed(cells, DATA, HERE) for cells in ([small, large], [small]))
    assert both == memory.needed([large], DATA, HERE) > alone


def test_a_program_whose_bits_depend_on_the_company_has_none_on_the_processor():
    assert fits(cell(), 4.0, Train("mapped", "cpu")) == 1


def test_a_gpu_trains_as_many_as_fit_into_its_own_memory():
    cuda = Train("stacked", "cuda")
    assert 1000 < fits(cell(width=100), 1.0, cuda, 1, gpu_memory=64 * GIB) < 10_000
    assert memory.needed([cell()], DATA, cuda) < memory.needed([cell()], DATA, HERE)


PEAK = """
import re
from pathlib import Path
import subprocess
import sys
from pathlib import Path

import pytest

from normshift.crew import GIB
from normshift.params import Train
from normshift.train import memory
from normshift.train.loop import train
from tests.train.made_up import cell, shuffled

data = shuffled(range(32), batch_size=64, steps=40)
how = dict(width={width}, regime="fresh", batch_size=64, steps=40, optimizer={optimizer!r})
cells = [cell({norm!r}, seed=seed, **how) for seed in range(32)]
where = Train({program!r}, "cpu")
def need(one): return memory.per_cell(one, where, 160, (12,))
cells = cells[: int((0.4 * GIB) // need(cells[0])) or 1]
train(cells, data, program={program!r})
# Not getrusage: its peak is inherited from the process that started this one.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
print(len(cells), peak / (memory.per_process(cells[0], 160, (12,)) + len(cells) * need(cells[0])))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
@pytest.mark.parametrize(
    ("program", "norm", "width", "optimizer"),
    [
        ("stacked", "batch", 400, "sgd"),
        ("stacked", "start_final", 400, "adam"),
        ("serial", "none", 100, "adam"),
        ("stacked", "noisy", 100, "sgd"),
        ("stacked", "yoked", 100, "sgd"),
    ],
)
def test_a_stack_takes_no_more_than_is_reckoned(program, norm, width, optimizer):
    code = PEAK.format(program=program, norm=norm, width=width, optimizer=optimizer)
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    cells, share = ran.stdout.split()
    assert int(cells) > 1 and float(share) < 1.05
