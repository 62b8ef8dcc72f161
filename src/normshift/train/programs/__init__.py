"""How the cells of a stack are updated and looked at. Programs share the meaning of their arguments and nothing else.

``program(network, cells, parameters, buffers, samples, motion)`` holds the stack's state, with a leading cell axis:
``parameters``, ``buffers`` and ``gradients`` (of the last update, of gamma and beta at least); ``curves`` has what
happened at every step. ``advance(begin, end)`` trains; ``see``, ``see_batches`` and ``score`` run all cells forward,
``slope`` forward and back, and change nothing: with the stack's own parameters, or with others of the same shapes.
``parts`` are the cells whose numbers may be reduced together.
"""

from normshift.params import Cell
from normshift.train.compiled.layout import covers
from normshift.train.programs.compiled import Compiled
from normshift.train.programs.mapped import Mapped
from normshift.train.programs.serial import Serial

PROGRAMS = {"compiled": Compiled, "mapped": Mapped, "serial": Serial}


def chosen(program: str, device: str, cell: Cell) -> str:
    """Return the program that trains a kind of cells: `stacked` means the fastest for their network and device.

    Without compiled loops cells train one by one on the processor: there `mapped` would make their bits depend on the
    company, and saves nothing where it would count, in convolutions (LOG.md).
    """
    if program != "stacked":
        return program
    if device == "cuda":
        return "mapped"
    return "compiled" if covers(cell) else "serial"
