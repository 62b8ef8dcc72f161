from collections.abc import Iterator

import pytest

from tests.fetch.made_up import ROLES, contents
from tests.fetch.server import Server, serving


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    """A server that has the tiny set, at its root and in a folder of its name."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        for role, content in contents().items():
            server.files[f"/{ROLES[role]}"] = server.files[f"/tiny/{ROLES[role]}"] = content
        yield server
