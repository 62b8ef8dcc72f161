import pandas as pd
import pytest

from tests.figures import made_up


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    parts = [
        ("C1", "early", "one", "ln ratio", 0.2, False, 0.5, 0.4, 0.6),
        ("C1", "early", "two", "grid steps", 1.0, False, -2.0, -2.5, -1.5),
        ("C1", "late", "one", "ln ratio", 0.2, False, None, None, None),
    ]
    columns = ["claim", "level", "part", "unit", "margin", "definition", "estimate", "lower", "upper"]
    values = {("early", "one"): 0.5, ("early", "two"): -2.0, ("late", "one"): None}
    rows = [
        {"claim": "C1", "level": level, "part": part, "seed": seed, "effect": value and value + 0.01 * seed}
        for (level, part), value in values.items()
        for seed in range(12)
    ]
    effects = pd.DataFrame(rows).astype({"effect": float})
    frame = pd.DataFrame(parts, columns=columns).astype({"estimate": float, "lower": float, "upper": float})
    return {**made_up.study(), **made_up.figure_1(), "parts": frame, "effects": effects}
