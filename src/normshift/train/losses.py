"""What is minimised, by its name in a model: ``(outputs, labels, reduction)``, classes along the second axis."""

import torch
from torch import Tensor, nn


def squared(outputs: Tensor, labels: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared distance from one-hot labels, summed over classes: (sample, class, ...), (sample, ...).

    The loss of Wu, Yun & Sra 2023 (arXiv:2302.12444), section 2; a mean over samples, or with ``none`` one each.
    """
    classes = torch.arange(outputs.shape[1], device=outputs.device).reshape(-1, *[1] * (labels.dim() - 1))
    wanted = (labels.unsqueeze(1) == classes).to(outputs.dtype)
    each = (outputs - wanted).square().sum(1)
    return each.mean() if reduction == "mean" else each


LOSSES = {"cross_entropy": nn.functional.cross_entropy, "squared": squared}
