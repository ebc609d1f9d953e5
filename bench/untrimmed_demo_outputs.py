"""What the demo's trained networks say of its whole videos, for every seed of the ablation.

The networks of seed 0 are the run's own, those of the others the ablation's whole system (full).
What they say of the windows is kept in results/untrimmed_demo/; the pictures are those that
store_videos keeps.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from bench.untrimmed_outputs import Outputs
from bench.untrimmed_videos import Untrimmed
from microgesture.ensembles.vote import read_vote
from microgesture.segments.segmenter import stacked
from microgesture.segments.window_prediction import Member, WindowSettings, look_at_videos
from microgesture.stores.sequences import read_sequence
from microgesture.stores.windows import list_windows, read_windows, write_windows
from microgesture.tables.untrimmed import learning_videos, scored_videos


def read_untrimmed(
    results: Path, sheets: dict[str, Path]
) -> tuple[Untrimmed, dict[str, list[str]]]:
    """(the completely annotated videos, batch -> its videos) of a finished run. sheets: videos,
    clips and labels; the truth of the test clips is in them: this is a scoring program."""
    videos = pd.read_csv(sheets["videos"], sep="\t", dtype=str, keep_default_na=False)
    clips = pd.read_csv(sheets["clips"], sep="\t")
    names = pd.read_csv(sheets["labels"], sep="\t").sort_values("label")["name"].tolist()
    split = learning_videos(videos, clips) | dict.fromkeys(scored_videos(videos, clips), "test")
    facts = pd.concat([pd.read_parquet(p) for p in sorted((results / "videos").glob("*.parquet"))])
    facts = facts[facts["video"].isin(split)].merge(videos[["video", "subject"]], on="video")
    facts = facts.assign(split=facts["video"].map(split)).sort_values("video", ignore_index=True)
    sequences = {
        row.video: read_sequence(results / "skeletons" / f"{row.batch}.h5", row.video)
        for row in facts.itertuples()
    }
    own = clips[clips["video"].isin(split)].reset_index(drop=True)
    table = facts[["video", "subject", "split", "fps", "frames"]]
    batches = {batch: list(part["video"]) for batch, part in facts.groupby("batch")}
    return Untrimmed(table, own, sequences, names), batches


def run_folder(results: Path, seed: int) -> Path:
    """Where the networks of a seed are."""
    return results if seed == 0 else results / "ablation" / "full" / str(seed)


def collect_outputs(
    results: Path, seed: int, untrimmed: Untrimmed, batches: dict[str, list[str]], config: dict
) -> tuple[Outputs, list[str]]:
    """(what the members of a seed say, their names); what is not kept yet is predicted."""
    run = run_folder(results, seed)
    vote = read_vote(str(run / "ensemble" / "temperatures.tsv"))
    heats = dict(zip(vote.members, vote.temperatures))
    section = config["predict_windows"]
    names = [
        name
        for name in vote.members
        if (section["members"] is None or name in section["members"])
        and (section["fusion"] or name != "fusion")
    ]
    members: dict[str, dict] = {video: {} for video in untrimmed.sequences}
    for name in names:
        for batch, videos in batches.items():
            path = results / "windows" / name / f"{batch}.h5"
            if seed or not path.exists():
                path = results / "untrimmed_demo" / str(seed) / name / f"{batch}.h5"
            if not path.exists():
                _predict(path, run, results, name, batch, videos, untrimmed, config)
            for video in set(list_windows(path)) & set(members):
                members[video][name] = read_windows(path, video)
    parts = {video: stacked(own, tuple(names)) for video, own in sorted(members.items())}
    first = names[0]
    windows = [own[first].windows.assign(video=video) for video, own in sorted(members.items())]
    widths = tuple(next(iter(members.values()))[name].features.shape[1] for name in names)
    return Outputs(
        windows=pd.concat(windows, ignore_index=True),
        logits=np.concatenate([logits for logits, _ in parts.values()], axis=1),
        features=np.concatenate([features for _, features in parts.values()]),
        apart=None,
        temperatures=np.array([heats[name] for name in names]),
        accuracy={},
        widths=widths,
    ), names


def _predict(path, run, results, name, batch, videos, untrimmed, config) -> None:
    """One member's windows of a batch, as the rule predict_windows makes them."""
    found = sorted((run / "checkpoints" / name).glob("*/model.safetensors"))
    if not found:
        raise SystemExit(f"{run}: has no checkpoint of {name}; run snakemake -- all ablation first")
    settings = config["predict_windows"]
    own = {k: settings[k] for k in ("test_clips", "test_flip", "batch_size", "loader_workers")}
    weights = str(found[-1])
    metadata = str(found[-1].with_suffix(".json"))
    member = Member(weights, metadata, own, threads=1, gpu=False)
    rates = untrimmed.videos.set_index("video")["fps"]
    table = pd.DataFrame({"video": videos, "fps": [rates[video] for video in videos]})
    windows = WindowSettings(
        tuple(settings["seconds"]), settings["stride"], config["decode_rgb"]["size"]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_windows(
        path,
        look_at_videos(
            member,
            table,
            str(results / "skeletons" / f"{batch}.h5"),
            str(results / "video_rgb" / f"{batch}.h5"),
            str(results / "video_boxes" / f"{batch}.parquet"),
            windows=windows,
            saliency=config["locate_saliency"],
        ),
    )
    print(f"{path}: done", flush=True)
