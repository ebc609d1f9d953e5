import numpy as np

from microgesture.pseudo.targets import may_be_target


def test_one_function_decides():
    splits = np.array(["train", "val", "test", "unlabelled", "unlabelled", "unlabelled"])
    groups = np.array(["subject a", "subject b", "subject c", "subject b", "subject a", "video x"])
    assert may_be_target(splits, groups).tolist() == [False, False, True, False, False, True]
