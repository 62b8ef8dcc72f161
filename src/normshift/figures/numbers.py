"""The one formatter of numbers and units: a missing one is "not measured", a log ratio is shown as a factor."""

import math

MISSING = "not measured"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LOGARITHM = "ln ratio"


def absent(value: float | None) -> bool:
    """Say whether a value is missing."""
    return value is None or math.isnan(value)


def measured(value: float | None, digits: int = 3) -> str:
    """Return a measured number to ``digits`` significant digits: 0.00012 -> 1.20 × 10⁻⁴, 1234 -> 1,230."""
    if absent(value):
        return MISSING
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    sign, power = "−" if value < 0 else "", int(exponent)
    if not -3 <= power <= 5:
        return f"{sign}{mantissa} × 10{str(power).translate(SUPERSCRIPT)}"
    return f"{sign}{float(f'{mantissa}e{power}'):,.{max(digits - 1 - power, 0)}f}"


def setting(value: float | None) -> str:
    """Return a number somebody chose, as short as it was written: 0.3 -> 0.3, 10.0 -> 10."""
    return MISSING if absent(value) else f"{value:g}".replace("-", "−")


def tick(value: float) -> str:
    """Return the label of a tick: 0.003 -> 0.003, 10**-7 -> 10⁻⁷, 3 * 10**-7 -> 3×10⁻⁷."""
    power = math.floor(math.log10(value) + 1e-9) if value > 0 else 0
    if -4 < power < 5:
        return setting(value)
    mantissa = setting(float(f"{value / 10.0**power:.3g}"))
    return f"{'' if mantissa == '1' else f'{mantissa}×'}10{str(power).translate(SUPERSCRIPT)}"


def factor(logarithm: float | None) -> str:
    """Return e to the power of a logarithm as a factor: ln 1.8 -> ×1.80."""
    if absent(logarithm):
        return MISSING
    return f"×{measured(math.exp(logarithm))}" if abs(logarithm) < 700 else f"e^{measured(logarithm)}"


def share(value: float | None) -> str:
    """Return a share as a percentage: 0.123 -> 12.3 %."""
    return MISSING if absent(value) else f"{100 * value:.1f} %".replace("-", "−")


def is_logarithm(unit: str) -> bool:
    """Say whether a unit is the logarithm of a ratio."""
    return unit.startswith(LOGARITHM)


def effect(value: float | None, unit: str) -> str:
    """Return an effect with its unit; a ratio as a factor beside its logarithm: ×1.80 (ln 0.588) of steps."""
    if absent(value):
        return MISSING
    if is_logarithm(unit):
        return f"{factor(value)} (ln {measured(value)}){unit.removeprefix(LOGARITHM)}"
    return f"{measured(value)} {unit}"


def bare(value: float | None, unit: str) -> str:
    """Return an effect without its unit: a ratio as a factor."""
    return factor(value) if is_logarithm(unit) else measured(value)


def interval(bounds: tuple[float, float] | list[float] | None, unit: str) -> str:
    """Return an interval in the words of its unit: ×1.20 to ×2.10."""
    if bounds is None or any(absent(bound) for bound in bounds):
        return MISSING
    return " to ".join(bare(bound, unit) for bound in bounds)


def probability(value: float | None) -> str:
    """Return a p-value: three decimals, or that it is below the smallest they can show."""
    if absent(value):
        return MISSING
    smallest = 10**-3
    return f"< {smallest:g}" if value < smallest else f"{value:.3f}"


def counted(number: int, noun: str) -> str:
    """Return how many there are of something, in the singular where it is one: 1 seed, 1,200 steps."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: list[str]) -> str:
    """Return words joined as in a sentence: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
