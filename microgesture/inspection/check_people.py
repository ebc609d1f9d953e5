"""Who is in which split, how many they are, and whether anybody knows."""

from collections.abc import Iterator

from microgesture.inspection.findings import NOTE, SERIOUS, WARNING, Finding, counted, percent
from microgesture.inspection.material import Material

_SCORED = ("train", "val", "test")
_FEW_TEST_PEOPLE = 3  # below which an interval over people says little
_MOST = 0.5  # share of the training clips that one person may have


def check_people(material: Material) -> Iterator[Finding]:
    """People in two splits, too few of them, one who has most clips, and people nobody knows."""
    clips = material.clips[material.clips["split"].isin(_SCORED)]
    known = clips["subject"] != ""
    who = clips["subject"].where(known, "video " + clips["video"])
    splits = clips.groupby(who)["split"].agg(lambda found: sorted(set(found)))
    mixed = splits[splits.map(len) > 1]
    if len(mixed):
        what = "People with clips in two splits: the scores would be worthless."
        remedy = "Give all clips of one person the same split."
        places = tuple((person, " and ".join(found)) for person, found in mixed.items())
        yield Finding(SERIOUS, what, places, remedy)
    unknown = sorted(set(material.clips.loc[material.clips["subject"] == "", "video"]))
    if unknown:
        what = "Nobody knows who is in these videos: one person may stand in two splits unseen."
        remedy = "Fill the column subject of videos.tsv."
        yield Finding(NOTE, what, tuple((f"video {v}", "no subject") for v in unknown), remedy)
    people = {split: set(who[clips["split"] == split]) for split in _SCORED}
    if len(people["train"]) == 1:
        what = "All training clips are of one person: a recogniser of that person is learned."
        places = ((next(iter(people["train"])), "the only one in train"),)
        yield Finding(WARNING, what, places, "Annotate the videos of more people.")
    if people["train"] and 0 < len(people["test"]) < _FEW_TEST_PEOPLE:
        number = counted(len(people["test"]), "person", "people")
        what = f"The scores will rest on {number} in test: they say little of others."
        remedy = "Rotate over people (protocol: folds), which tests each of them once."
        yield Finding(WARNING, what, (), remedy)
    if len(people["train"]) > 2:
        shares = who[clips["split"] == "train"].value_counts(normalize=True)
        if shares.iloc[0] > _MOST:
            what = "One person has most of the training clips."
            remedy = "Annotate more of the others, or weigh what the scores say of them."
            places = ((str(shares.index[0]), f"{percent(shares.iloc[0])} of the training clips"),)
            yield Finding(WARNING, what, places, remedy)
