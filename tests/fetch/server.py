"""A server on this machine that misbehaves as told, and counts what it was asked for."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


class Server:
    """What it has by path, how it answers by the number of the call, and how often it was asked."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.answers: list[Answer] = []  # of the first, second, ... call; the last one of all that follow
        self.asked: Counter[str] = Counter()
        self.stalled = threading.Event()  # set when an answer has stopped halfway
        self.closing = threading.Event()
        self.address = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a call as it was told to."""
        number = sum(self.asked.values())
        self.asked[handler.path] += 1
        own = self.answers[min(number, len(self.answers) - 1)] if self.answers else whole
        if handler.path in self.files:
            own(handler, self.files[handler.path])
        else:
            status(404)(handler, b"")


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Serve until the end."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self):
            self.close_connection = True
            with contextlib.suppress(ConnectionError):  # whoever asked went away
                server.answer(self)

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    listening.own = server
    server.address = f"http://127.0.0.1:{listening.server_address[1]}/"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def head(handler: BaseHTTPRequestHandler, code: int, length: int | None, **more: str) -> None:
    handler.send_response(code)
    for name, value in ({} if length is None else {"Content-Length": str(length)} | more).items():
        handler.send_header(name, value)
    handler.end_headers()


def whole(handler, content: bytes) -> None:
    head(handler, 200, len(content))
    handler.wfile.write(content)


def cut(handler, content: bytes) -> None:
    """The connection breaks, and the client can know it."""
    head(handler, 200, len(content))
    handler.wfile.write(content[: len(content) // 2])


def cut_unseen(handler, content: bytes) -> None:
    """No length is told: the end looks like any other."""
    head(handler, 200, None)
    handler.wfile.write(content[: len(content) // 2])


def flipped(handler, content: bytes) -> None:
    whole(handler, content[:-1] + bytes([content[-1] ^ 1]))


def too_long(handler, content: bytes) -> None:
    whole(handler, content + b"more")


def endless(handler, content: bytes) -> None:
    head(handler, 200, None)
    for _ in range(1000):
        handler.wfile.write(bytes(2**16))


def page(handler, content: bytes) -> None:
    """A log-in page in place of everything."""
    whole(handler, b"<html>Please log in</html>")


def slow(handler, content: bytes) -> None:
    """Piece by piece, each well within the time-out, all together beyond it."""
    head(handler, 200, len(content))
    step = len(content) // 8 + 1
    for begin in range(0, len(content), step):
        handler.wfile.write(content[begin : begin + step])
        handler.wfile.flush()
        time.sleep(0.1)


def stall(handler, content: bytes) -> None:
    """Half of it, then nothing."""
    own = handler.server.own
    head(handler, 200, len(content))
    handler.wfile.write(content[: len(content) // 2])
    handler.wfile.flush()
    own.stalled.set()
    own.closing.wait(30)


def status(code: int) -> Answer:
    """Return an answer that is only a status."""
    return lambda handler, content: head(handler, code, 0)
