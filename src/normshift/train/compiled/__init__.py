"""The arithmetic of training as compiled loops, for the processor: one cell after the other, many steps at a time.

Numba compiles the functions here into two: one trains the cells of a stack, one looks at them. A cell's numbers come
from the same machine code on the same shapes wherever it stands, so they cannot depend on its company; and all that a
cell touches within an update lies in its core's own cache. The networks stay ordinary modules (`networks`): this is
their arithmetic once more, and a plain loop over those modules is its oracle.
"""
