"""Weights of a model of mmpose's index, where there is no network."""

import hashlib

import pytest

from microgesture.configuration.pose_models import find_model
from microgesture.provenance.errors import BadInput
from scripts.fetch_pose_model import fetch_pose_model

MODEL = "rtmpose-m_8xb64-270e_coco-wholebody-256x192"


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("no_proxy", "")
    # the opener keeps the proxies that it was made with
    monkeypatch.setattr("urllib.request._opener", None)


def test_without_a_network_one_message_says_which_file_to_put_where(tmp_path):
    path = tmp_path / find_model(MODEL).checkpoint
    with pytest.raises(BadInput) as caught:
        fetch_pose_model(path, find_model(MODEL))
    message = str(caught.value)
    assert find_model(MODEL).url in message and f"put it under {path}" in message
    assert "\n" not in message and not path.exists()


def test_a_file_put_there_by_hand_is_compared_with_the_hash(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"not these weights")
    with pytest.raises(BadInput, match="damaged or another file: SHA-256"):
        fetch_pose_model(path, find_model(MODEL))
    fetch_pose_model(path, find_model(MODEL), hashlib.sha256(b"not these weights").hexdigest())
    assert path.read_bytes() == b"not these weights"


def test_a_name_without_a_hash_is_told(tmp_path, caplog):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"anything")
    fetch_pose_model(path, find_model("rtmw-m"))
    assert "only its length is compared" in caplog.text
