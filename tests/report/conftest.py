import pytest

from normshift.params import Config
from normshift.report.material import Material
from normshift.report.page import files
from tests.report import run


@pytest.fixture(scope="session")
def config() -> Config:
    return run.config()


@pytest.fixture(scope="session")
def material(config: Config) -> Material:
    return run.material(config)


@pytest.fixture(scope="session")
def written(config: Config, material: Material) -> dict[str, str]:
    return files(config, material)


@pytest.fixture(scope="session")
def page(written: dict[str, str]) -> str:
    return written["index.html"]
