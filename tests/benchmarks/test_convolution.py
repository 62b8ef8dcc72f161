"""Both ways to train convolutions do the same."""

import torch

from benchmarks.convolution import Images, one_by_one, stacked


def test_stacked_convolutions_train_as_one_by_one():
    images = Images(size=8, cells=3, steps=3)
    ended = []
    for prepare in (one_by_one, stacked):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            ended.append(prepare(images)())
    singles, together = ended
    for number, single in enumerate(singles):
        for name, value in single.items():
            # The bias before batch norm has no gradient but rounding.
            torch.testing.assert_close(together[name][number], value.detach(), rtol=1e-3, atol=1e-5)
