import pytest

from normshift.fetch.own import contents


def written(folder, *names):
    for name in names:
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.mark.parametrize("names", [["train.npz"], ["train.csv", "test.csv"], ["train.parquet", "test.npz"]])
def test_the_training_set_and_the_test_set_are_found_by_name(tmp_path, names):
    found = contents(written(tmp_path, *names, "notes.txt", "other.csv"))
    assert found == {name: name.encode() for name in names}


def test_one_file_alone_is_the_training_set(tmp_path):
    assert contents(written(tmp_path, "mine.csv") / "mine.csv") == {"train.csv": b"mine.csv"}


@pytest.mark.parametrize(
    ("names", "path", "said"),
    [
        ([], "", "must be a folder with one of train.npz, train.csv, train.parquet"),
        (["test.npz"], "", "must be a folder with one of"),
        ([], "none", "must be a folder with one of"),
        (["train.npz", "train.csv"], "", "train.npz and train.csv: which is the train set"),
        (["mine.pkl"], "mine.pkl", "must end in .npz, .csv, .parquet"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_names_the_path(tmp_path, names, path, said):
    place = written(tmp_path, *names) / path
    with pytest.raises(ValueError, match=said) as caught:
        contents(place)
    assert str(caught.value).startswith(f"data.path={place}: ") and "\n" not in str(caught.value)
