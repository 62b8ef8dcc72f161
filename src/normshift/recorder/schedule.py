"""When a model is looked at: log-spaced early, then at every so-manieth update."""

from dataclasses import dataclass

from normshift.observe.plan import QUARTERS, TEN


@dataclass(frozen=True)
class Schedule:
    """At a point the model is seen before and after one update; numbers are of updates made, from 0.

    Points: 0, the powers of two below ``every``, and its multiples. Full ones, which also show the other modes and the
    noise between batches, are 0 and ``first`` times a power of four: so many as the logarithm of the run's length.
    Ten updates after a full point the model is seen once more, and with ``epoch`` at each quarter of an epoch.
    """

    every: int
    first: int
    epoch: int | None = None
    early: int | None = None  # where points no longer lie at powers of two; none: at ``every``

    def point(self, step: int) -> bool:
        """Say whether the update after so many is looked at."""
        return step % self.every == 0 or (step < (self.early or self.every) and step & (step - 1) == 0)

    def full(self, step: int) -> bool:
        """Say whether everything is seen then."""
        share, rest = divmod(step, self.first)
        return rest == 0 and (share == 0 or (share & (share - 1) == 0 and share.bit_length() % 2 == 1))

    @property
    def lags(self) -> tuple[int, ...]:
        """How many updates after a full point it is looked at again."""
        quarters = [part * self.epoch // QUARTERS for part in range(1, QUARTERS)] if self.epoch else []
        return (1, TEN, *quarters, *([self.epoch] if self.epoch else []))

    def due(self, step: int) -> bool:
        """Say whether the model is looked at after so many updates."""
        followed = any(step >= lag and self.full(step - lag) for lag in self.lags)
        return self.point(step) or (step > 0 and self.point(step - 1)) or self.full(step) or followed

    def coarser(self) -> "Schedule":
        """Return the schedule with half as many late points: all of its points are among this one's."""
        return Schedule(2 * self.every, self.first, self.epoch, self.early or self.every)
