"""The gradient of the loss at given parameters, which stay as they are."""

from normshift.train.compiled import affine
from normshift.train.compiled.compiling import entry
from normshift.train.compiled.network import backward, forward
from normshift.train.compiled.training import gather


@entry
def slope(network, stack, data, noise, steps, room, eps, loss, gradient):
    """Write every cell's loss (cell, batch) and gradient (cell, batch, place) on its batches of some steps."""
    still = room.inputs.dtype.type(0)
    for cell in range(stack.theta.shape[0]):
        theta = stack.theta[cell]
        for number in range(steps.shape[0]):
            gather(data, cell, steps[number], noise, number, room)
            forward(network, theta, room, stack.running[cell], still, eps, data.disturbing, cell, number)
            found, _ = affine.cross_entropy(room.logits, room.labels, room.errors)
            loss[cell, number] = found
            backward(network, theta, room, gradient[cell, number], data.disturbing, cell, number)
