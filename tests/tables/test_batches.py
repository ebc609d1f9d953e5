import pandas as pd

from microgesture.tables.batches import assign_batches, stable_hash


def table(names, batch=""):
    return pd.DataFrame({"video": names, "batch": batch})


def test_hash_is_the_blake2b_digest_and_never_changes():
    # first 8 bytes of BLAKE2b with digest size 8, computed with `b2sum -l 64`
    assert stable_hash("s01") == int("0x" + _b2sum("s01"), 16)


def _b2sum(text):
    import subprocess

    found = subprocess.run(
        ["b2sum", "-l", "64"], input=text.encode(), capture_output=True, check=True
    )
    return found.stdout.split()[0].decode()


def test_a_new_video_leaves_the_others_where_they_are():
    before = assign_batches(table([f"v{i}" for i in range(50)]), 4)
    after = assign_batches(table([f"v{i}" for i in range(51)]), 4)
    assert before.tolist() == after.tolist()[:50]
    assert set(before) == {"b0", "b1", "b2", "b3"}


def test_given_batches_win_and_zero_means_one_each():
    assert assign_batches(table(["a", "b"], "day1"), 4).tolist() == ["day1", "day1"]
    assert assign_batches(table(["a", "b"]), 0).tolist() == ["a", "b"]
