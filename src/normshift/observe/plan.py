"""When a network is observed: the same steps for all arms of a study."""

from dataclasses import dataclass

# A full point's followers lie this many updates, and an epoch, later: the horizon is read between them.
TEN = 10
# Into so many parts the epoch after the last full point is cut, to see running averages at each.
QUARTERS = 4
# Shares of the run at which full points lie, and further light ones: log-spaced early, even later.
FULL = (0.0, 0.06, 0.3, 0.9)
LIGHT = (0.003, 0.2, 0.6)


@dataclass(frozen=True)
class Plan:
    """Steps at which networks are observed; ``full`` ones are followed by points ten updates and an epoch later."""

    steps: int
    epoch: int
    points: tuple[int, ...]
    full: tuple[int, ...]

    @property
    def quarters(self) -> tuple[int, ...]:
        """Steps at each quarter of the epoch after the last full point; the last step where the run ends earlier."""
        begin = self.full[-1]
        return tuple(min(self.steps - 1, begin + part * self.epoch // QUARTERS) for part in range(QUARTERS))

    @property
    def lags(self) -> tuple[int, ...]:
        """How many updates after a full point its followers lie."""
        return (1, TEN, self.epoch)

    @property
    def composed(self) -> tuple[int, ...]:
        """The full point whose updates are taken apart in groups: the second, when networks learn; the first if alone.

        One, for it costs the most: 24 passes over the held-out set.
        """
        return self.full[1:2] or self.full

    def reference(self, point: int) -> int | None:
        """Return the full point that ``point`` follows by ten updates or an epoch."""
        return next((full for full in self.full if point - full in (TEN, self.epoch)), None)


def plan(steps: int, epoch: int) -> Plan:
    """Return 16 points for a long run (DESIGN section 5); fewer where a short run leaves no room for them."""
    last = steps - 1
    full: list[int] = []
    followers: set[int] = set()
    for share in FULL:
        point = min(round(share * steps), last - max(TEN, epoch))
        own = {point + TEN, point + epoch}
        # A point that followed two full ones could not say whose drift it shows.
        if point >= 0 and point not in full and not own & followers:
            full.append(point)
            followers |= own
    light = {min(last, max(1, round(share * steps))) for share in LIGHT}
    return Plan(steps, epoch, tuple(sorted({0, last, *(full or [0]), *followers, *light})), tuple(full or [0]))
