import pytest

from normshift.configure.sources import content, sources
from normshift.params import Refused


def refusal(root) -> str:
    with pytest.raises(Refused) as caught:
        sources(root)
    (line,) = caught.value.lines
    assert "\n" not in line
    return line


def test_a_number_without_a_dot_is_a_number(tmp_path):
    (tmp_path / "a.yaml").write_text("lr: 1e-4\n")
    assert content(tmp_path / "a.yaml") == {"lr": 1e-4}


@pytest.mark.parametrize("text", ["a: [1\n", "a: 1\na: 2\n", "a: ${b}\n", "\x00"])
def test_a_broken_file_is_named(checkout, text):
    (checkout / "params.yaml").write_text(text)
    assert "params.yaml cannot be read" in refusal(checkout)


def test_a_missing_file_is_named(checkout):
    (checkout / "params.yaml").unlink()
    assert "params.yaml is missing" in refusal(checkout)


def test_an_empty_params_yaml_is_refused(checkout):
    (checkout / "params.yaml").write_text("[1]\n")
    assert refusal(checkout) == "params.yaml: must be a mapping of choices"


def test_an_option_under_anothers_name_is_refused(checkout):
    (checkout / "conf" / "norm" / "mine.yaml").write_bytes((checkout / "conf" / "norm" / "batch.yaml").read_bytes())
    assert refusal(checkout) == "conf/norm/mine.yaml: name=batch: must be mine, as the file is called"
