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
    assert before.equals(after[:50])
    assert set(before["batch"]) == {"b0", "b1", "b2", "b3"}
    assert before["part"].equals(before["batch"])


def test_given_batches_win():
    for batches in (0, 4):
        given = assign_batches(table(["a", "b"], "day1"), batches)
        assert given["batch"].tolist() == given["part"].tolist() == ["day1", "day1"]


def test_zero_makes_every_video_a_part_and_shares_parts_out_to_64_batches():
    many = assign_batches(table([f"v{i}" for i in range(3400)]), 0)
    assert many["part"].tolist() == [f"v{i}" for i in range(3400)]
    assert len(set(many["batch"])) == 64 and set(many["batch"].str[:2]) == {"_b"}
    assert many["batch"][7] == f"_b{stable_hash('v7') % 64:02d}"
    more = assign_batches(table([f"v{i}" for i in range(3401)]), 0)
    assert many.equals(more[:3400])


def test_a_part_lies_in_one_batch_though_a_video_is_named_as_a_batch():
    names = assign_batches(table(["day1", "a", "b"], ["", "day1", ""]), 0)
    assert names["part"].tolist() == ["day1", "day1", "b"]
    assert names.groupby("part")["batch"].nunique().tolist() == [1, 1]
