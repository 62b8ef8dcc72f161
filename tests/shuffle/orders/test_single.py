import numpy as np


def test_the_stream_is_the_first_epoch_of_reshuffle_over_and_over(stream_of):
    labels = np.arange(50) % 5
    first = stream_of("reshuffle", labels, 50)
    np.testing.assert_array_equal(stream_of("single", labels, 170), np.tile(first, 4)[:170])
