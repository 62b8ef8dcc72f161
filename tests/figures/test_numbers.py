import math

import pytest

from normshift.figures import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (0.12345, "0.123"),
        (-0.5, "−0.500"),
        (12.34, "12.3"),
        (123.4, "123"),
        (1234.0, "1,230"),
        (9.999, "10.0"),
        (999.6, "1,000"),
        (1234567.0, "1.23 × 10⁶"),
        (0.00123, "0.00123"),
        (3.14e-7, "3.14 × 10⁻⁷"),
        (-3.14e-7, "−3.14 × 10⁻⁷"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_measured_number_has_three_significant_digits(value, text):
    assert numbers.measured(value) == text


def test_a_measured_number_reads_back_to_three_digits():
    for power in range(-9, 9):
        for mantissa in (1.0, 2.345, 9.994):
            text = numbers.measured(mantissa * 10.0**power).replace(",", "").replace("−", "-")
            base, _, exponent = text.partition(" × 10")
            digits = exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
            assert float(base) * 10.0 ** int(digits or 0) == pytest.approx(mantissa * 10.0**power, rel=5e-3)


@pytest.mark.parametrize("value", [None, math.nan])
def test_what_is_missing_is_not_measured_and_never_nought(value):
    functions = (numbers.measured, numbers.setting, numbers.factor, numbers.share, numbers.probability)
    assert {function(value) for function in functions} == {"not measured"}
    assert numbers.effect(value, "ln ratio") == "not measured"
    assert numbers.interval([0.1, value], "ln ratio") == "not measured"
    assert numbers.interval(None, "ln ratio") == "not measured"


def test_a_log_ratio_is_shown_as_a_factor_beside_its_logarithm():
    assert numbers.effect(math.log(1.8), "ln ratio") == "×1.80 (ln 0.588)"
    assert numbers.effect(-math.log(2), "ln ratio of steps") == "×0.500 (ln −0.693) of steps"
    assert numbers.bare(math.log(3), "ln ratio per tripling") == "×3.00"
    assert numbers.interval((math.log(1.2), math.log(2.1)), "ln ratio") == "×1.20 to ×2.10"
    assert numbers.factor(1e4) == "e^10,000"


def test_other_effects_keep_their_unit():
    assert numbers.effect(-2.0, "grid steps of the learning rate") == "−2.00 grid steps of the learning rate"
    assert numbers.interval((-1.0, 2.0), "grid steps") == "−1.00 to 2.00"


def test_a_share_is_a_percentage_of_itself():
    assert numbers.share(0.103) == "10.3 %"
    assert numbers.share(-0.001) == "−0.1 %"
    assert numbers.share(1.0) == "100.0 %"


def test_a_small_probability_is_below_what_three_decimals_show():
    assert [numbers.probability(p) for p in (0.0001, 0.0049, 1.0)] == ["< 0.001", "0.005", "1.000"]


@pytest.mark.parametrize(("value", "text"), [(0.3, "0.3"), (30.0, "30"), (-1.0, "−1"), (1197, "1197")])
def test_a_setting_is_as_short_as_it_was_written(value, text):
    assert numbers.setting(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.003, "0.003"), (1e-7, "10⁻⁷"), (3e-7, "3×10⁻⁷"), (1000.0, "1000"), (0.0, "0"), (2e6, "2×10⁶")],
)
def test_a_tick_is_short(value, text):
    assert numbers.tick(value) == text


def test_words_are_joined_as_in_a_sentence():
    assert [numbers.listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
