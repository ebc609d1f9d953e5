"""Downloads in several tries, against a server of our own that breaks off."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.weights.resuming import fetch_resuming

CONTENT = bytes(range(256)) * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
STEP = 300_000  # bytes after which /broken.pth loses the connection


class Handler(BaseHTTPRequestHandler):
    ranges = ()

    def do_GET(self):
        asked = self.headers.get("Range")
        Handler.ranges = (*Handler.ranges, asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if self.path == "/missing.pth":
            self.send_error(404)
            return
        if self.path == "/whole.pth":
            asked, start = None, 0
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        rest = CONTENT[start:]
        if self.path == "/broken.pth":
            rest = rest[:STEP]
        if self.path == "/silent.pth":
            rest = b""
        self.wfile.write(rest)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    Handler.ranges = ()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_comes_whole_and_is_not_asked_for_again(server, tmp_path):
    path = tmp_path / "a" / "model.pth"
    for _ in range(2):
        fetch_resuming(f"{server}/model.pth", path, digits=DIGEST[:8])
        assert path.read_bytes() == CONTENT
    assert Handler.ranges == (None,) and [file.name for file in path.parent.iterdir()] == [
        path.name
    ]


def test_broken_connections_are_continued(server, tmp_path):
    path = fetch_resuming(f"{server}/broken.pth", tmp_path / "model.pth", digits=DIGEST)
    assert path.read_bytes() == CONTENT
    assert Handler.ranges == (None, *(f"bytes={STEP * n}-" for n in range(1, 5)))


def test_a_later_call_goes_on_where_the_first_stopped(server, tmp_path):
    (tmp_path / "model.pth.part").write_bytes(CONTENT[:1000])
    path = fetch_resuming(f"{server}/model.pth", tmp_path / "model.pth", digits=DIGEST)
    assert path.read_bytes() == CONTENT and Handler.ranges == ("bytes=1000-",)


def test_a_server_that_cannot_resume_begins_anew(server, tmp_path):
    (tmp_path / "model.pth.part").write_bytes(b"something else")
    path = fetch_resuming(f"{server}/whole.pth", tmp_path / "model.pth", digits=DIGEST)
    assert path.read_bytes() == CONTENT


def test_a_part_that_was_complete_already_is_taken(server, tmp_path):
    (tmp_path / "model.pth.part").write_bytes(CONTENT)
    path = fetch_resuming(f"{server}/model.pth", tmp_path / "model.pth", digits=DIGEST)
    assert path.read_bytes() == CONTENT


def test_a_server_that_sends_nothing_is_given_up(server, tmp_path):
    with pytest.raises(BadInput, match=r"truncated: 0 of 1280000 bytes.*put it under"):
        fetch_resuming(f"{server}/silent.pth", tmp_path / "model.pth")
    assert len(Handler.ranges) == 5


def test_another_file_is_not_kept(server, tmp_path):
    with pytest.raises(BadInput, match="another file: SHA-256"):
        fetch_resuming(f"{server}/model.pth", tmp_path / "model.pth", digits="00000000")
    assert not list(tmp_path.iterdir())


def test_no_such_file_and_no_server(server, tmp_path):
    with pytest.raises(BadInput, match="the server answers 404"):
        fetch_resuming(f"{server}/missing.pth", tmp_path / "model.pth")
    with pytest.raises(BadInput, match=r"cannot be reached .*put it under"):
        fetch_resuming("http://127.0.0.1:9/model.pth", tmp_path / "model.pth")
