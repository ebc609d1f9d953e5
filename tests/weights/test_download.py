"""Downloads against a server of our own: right, wrong, cut off, absent."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.weights.download import fetch

CONTENT = bytes(range(256)) * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    requests = 0

    def do_GET(self):
        Handler.requests += 1
        if self.path == "/missing.pth":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:1000] if self.path == "/cut.pth" else CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_fetched_once(tmp_path, server):
    Handler.requests = 0
    for _ in range(2):
        path = fetch(f"{server}/model.pth?x=1", tmp_path, sha256=DIGEST, size=len(CONTENT))
    assert path == tmp_path / "model.pth"
    assert path.read_bytes() == CONTENT
    assert Handler.requests == 1
    assert [p.name for p in tmp_path.iterdir()] == ["model.pth"]


def test_a_damaged_copy_is_fetched_again(tmp_path, server):
    (tmp_path / "model.pth").write_bytes(CONTENT[:-1] + b"\0")
    path = fetch(f"{server}/model.pth", tmp_path, sha256=DIGEST)
    assert path.read_bytes() == CONTENT


def test_a_long_prefix_is_taken_with_a_warning(tmp_path, server, caplog):
    fetch(f"{server}/model.pth", tmp_path, sha256=DIGEST)
    assert not caplog.records
    for _ in range(2):  # fetched, and there already
        caplog.clear()
        fetch(f"{server}/model.pth", tmp_path / "other", sha256=DIGEST[:16].upper())
        assert f"16 of 64 digits; if you trust this copy, write the whole: {DIGEST}" in caplog.text


@pytest.mark.parametrize("digits", [8, 15])
def test_a_short_prefix_is_refused_with_the_remedy(tmp_path, server, digits):
    with pytest.raises(BadInput, match=r"64 hexadecimal digits.*sha256sum FILE.*32 bits"):
        fetch(f"{server}/model.pth", tmp_path, sha256=DIGEST[:digits])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "expected", "message"),
    [
        ("/model.pth", {"sha256": "0" * 64}, f"SHA-256 {DIGEST}, expected 0000"),
        ("/model.pth", {"sha256": DIGEST, "size": len(CONTENT) + 1}, "truncated: 1280000 bytes"),
        ("/model.pth", {"sha256": DIGEST, "size": 5}, "another file: 1280000 bytes, expected 5"),
        ("/cut.pth", {"sha256": DIGEST}, "truncated: 1000 of 1280000 bytes"),
        ("/missing.pth", {"sha256": DIGEST}, "answers 404"),
        ("/model.pth", {"sha256": "12"}, "At least 16 digits are needed"),
        ("/", {"sha256": DIGEST}, "names no file"),
    ],
)
def test_faults_leave_nothing_behind(tmp_path, server, path, expected, message):
    with pytest.raises(BadInput, match=message):
        fetch(server + path, tmp_path, **expected)
    assert not list(tmp_path.iterdir())


def test_offline(tmp_path, server):
    port = int(server.rpartition(":")[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        closed = other.server_port  # free again when closed
    assert closed != port
    with pytest.raises(BadInput, match=r"cannot be reached.*put it under .*model\.pth"):
        fetch(f"http://127.0.0.1:{closed}/model.pth", tmp_path, sha256=DIGEST)


def test_files(tmp_path):
    source = tmp_path / "source.pth"
    source.write_bytes(CONTENT)
    path = fetch(source.as_uri(), tmp_path / "kept", sha256=DIGEST)
    assert path.read_bytes() == CONTENT
    with pytest.raises(BadInput, match="cannot be reached"):
        fetch((tmp_path / "none.pth").as_uri(), tmp_path / "kept", sha256=DIGEST)
    with pytest.raises(BadInput, match="names no file"):
        fetch("ftp://host/model.pth", tmp_path, sha256=DIGEST)
