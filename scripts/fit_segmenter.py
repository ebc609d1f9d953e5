"""Learn what background is, and how windows become segments.

Heads that tell K gestures and background apart are fitted on the windows of completely annotated
training videos; a decoder (thresholds, smoothing, Viterbi, each on the heads or on a small temporal
network) is chosen, and confidences are made honest, on completely annotated validation videos. No
test video is looked at.

Output: heads (npz) and segmenter (json), see microgesture/segments/segmenter.py; `tried` in the
json are the decoders that were compared, with their validation F1 (mean of IoU .3 and .5).

Settings: decoder (best, or one of them), temporal (auto: where it is better on validation; never;
always), features (heads read the members' features beside their logits), most_windows (a length,
drawn at random), shortest_seconds, shortest_gap_seconds (what is dropped, what is joined), error
(share of wrong ones among the segments that are not called uncertain).
"""

from microgesture.ensembles.logits import read_tables
from microgesture.ensembles.vote import read_vote
from microgesture.provenance.jobs import job
from microgesture.segments.fitting import fit_segmenter
from microgesture.stores.windows import list_windows, read_windows


def fit(
    windows: dict[str, list[str]],
    temperatures: str,
    clips: str,
    heads: str,
    segmenter: str,
    videos: dict[str, str],
    num_classes: int,
    seconds: list[float],
    settings: dict,
    seed: int = 0,
) -> None:
    """Write the segmenter. windows: member -> its stores; videos: video -> train or val, those that
    are learned from."""
    members: dict[str, dict] = {}
    for member, paths in windows.items():
        for path in paths:
            for video in list_windows(path):
                if video in videos:
                    members.setdefault(video, {})[member] = read_windows(path, video)
    vote = read_vote(temperatures)
    heats = dict(zip(vote.members, vote.temperatures))
    table = read_tables([clips])
    known = table[table["video"].isin(members) & (table["label"] >= 0)].reset_index(drop=True)
    found = fit_segmenter(
        members,
        videos,
        known,
        {member: float(heats[member]) for member in windows},
        num_classes,
        settings,
        tuple(seconds),
        seed,
    )
    found.save(heads, segmenter)


if __name__ == "__main__":
    with job(snakemake):
        per_member = len(snakemake.input.windows) // max(1, len(snakemake.params.members))
        fit(
            {
                member: list(snakemake.input.windows[n * per_member : (n + 1) * per_member])
                for n, member in enumerate(snakemake.params.members)
            },
            str(snakemake.input.temperatures),
            str(snakemake.input.clips),
            str(snakemake.output.heads),
            str(snakemake.output.segmenter),
            videos=dict(snakemake.params.videos),
            num_classes=snakemake.params.num_classes,
            seconds=list(snakemake.params.seconds),
            settings=dict(snakemake.params.settings),
            seed=snakemake.params.seed,
        )
