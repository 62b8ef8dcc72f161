"""Curvature of a loss by Hessian-vector products, in the mode in which the network trains."""

from collections.abc import Callable

import torch
from torch import Tensor

Product = Callable[[Tensor], Tensor]


def hessian_product(loss: Callable[[Tensor], Tensor], at: Tensor) -> tuple[Tensor, Product]:
    """Return the gradient of a scalar function of a vector, and v -> H v there (Pearlmutter 1994)."""
    at = at.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(at), at, create_graph=True)

    def product(vector: Tensor) -> Tensor:
        (found,) = torch.autograd.grad(gradient, at, vector, retain_graph=True)
        return found

    return gradient.detach(), product


def largest_eigenvalue(product: Product, start: Tensor, steps: int) -> Tensor:
    """Return the largest Ritz value of a symmetric matrix after some steps of Lanczos 1950, fully orthogonalised.

    It never exceeds the largest eigenvalue; it is that eigenvalue once the Krylov space of ``start`` is exhausted.
    """
    basis = [start / torch.linalg.vector_norm(start)]
    diagonal, beside = [], []
    for _ in range(min(steps, len(start))):
        image = product(basis[-1])
        diagonal.append(image @ basis[-1])
        known = torch.stack(basis)
        for _ in range(2):  # once is not enough in floating point (Parlett 1980, section 13-8)
            image = image - known.mT @ (known @ image)
        length = torch.linalg.vector_norm(image)
        # The first quotient alone may be 0 by chance: then rounding would pass for a new direction.
        if not length > 1e-6 * torch.stack([*diagonal, *beside]).abs().max():
            break
        beside.append(length)
        basis.append(image / length)
    links = torch.stack(beside[: len(diagonal) - 1]) if len(diagonal) > 1 else diagonal[0].new_zeros(0)
    ritz = torch.diag(torch.stack(diagonal)) + torch.diag(links, 1) + torch.diag(links, -1)
    return torch.linalg.eigvalsh(ritz)[-1] if ritz.isfinite().all() else ritz.new_tensor(torch.nan)


def along(gradient: Tensor, product: Product) -> Tensor:
    """Return ``g' H g / |g|^2``; its mean over batches is the batch sharpness (Andreyev & Beneventano 2024)."""
    square = gradient @ gradient
    return torch.where(square > 0, gradient @ product(gradient) / square, torch.nan)
