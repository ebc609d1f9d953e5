"""The slow half of bench/untrimmed_skeletons.py: members are trained, and predict all windows.

What they say is kept in results/untrimmed_skeletons/ under a name that holds everything it depends
on, so that a change of decoders costs seconds.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.untrimmed_members import RECIPE, clip_temperature, predict_member, train_member
from bench.untrimmed_videos import FPS, LAYOUT, Untrimmed
from microgesture.provenance.hardware import cpu_has_bf16
from microgesture.segments.windows import lengths_in_frames, make_windows

STREAMS = ("joint",)  # one member; add "joint_motion" for a vote of two
SECONDS = (1.6, 2.7, 4.3)  # lengths of windows
STRIDE_SHARE = 0.25


@dataclass(frozen=True)
class Outputs:
    """windows: video, start, end, length; logits (M, N, K) and features (N, F) of the members
    trained on all training people; apart (M, N, K): logits in which no training person was seen
    by the network that predicts them, or None; temperatures (M,) from cut validation clips;
    accuracy: member -> on cut test clips; clip_logits of the test clips (M, n, K)."""

    windows: pd.DataFrame
    logits: np.ndarray
    features: np.ndarray
    apart: np.ndarray | None
    temperatures: np.ndarray
    accuracy: dict[str, float]
    widths: tuple[int, ...] = ()  # features of each member; equal shares without

    def columns(self, member: int) -> np.ndarray:
        """The columns of a member's features."""
        count = len(self.logits)
        widths = self.widths or (self.features.shape[1] // count,) * count
        first = sum(widths[:member])
        return np.arange(first, first + widths[member])


def all_windows(untrimmed: Untrimmed) -> pd.DataFrame:
    """Windows of every length over every video."""
    frames = dict(zip(untrimmed.videos["video"], untrimmed.videos["frames"]))
    return make_windows(frames, lengths_in_frames(SECONDS, FPS), STRIDE_SHARE)


def collect_outputs(untrimmed: Untrimmed, seed: int, folder: Path) -> Outputs:
    """Train what is not in `folder` yet, and put everything together."""
    windows = all_windows(untrimmed)
    people = untrimmed.videos.set_index("video")["subject"]
    training = sorted(
        untrimmed.videos.loc[untrimmed.videos["split"] == "train", "subject"].unique()
    )
    halves = [training[0::2], training[1::2]]
    of_window = windows["video"].map(people)
    logits, features, apart, temperatures, accuracy = [], [], [], [], {}
    clips = untrimmed.clips.assign(subject=untrimmed.clips["video"].map(people))
    held = {split: clips[clips["split"] == split] for split in ("val", "test")}
    for stream in STREAMS:
        whole = member_outputs(untrimmed, windows, stream, training, seed, folder)
        val, test = (whole[f"clips_{split}"] for split in held)
        temperatures.append(clip_temperature(val, held["val"]["label"].to_numpy(), stream))
        accuracy[stream] = float((test.argmax(axis=1) == held["test"]["label"]).mean())
        logits.append(whole["logits"])
        features.append(whole["features"])
        unseen = whole["logits"].copy()
        for half, other in (halves, halves[::-1]):
            rows = of_window.isin(half).to_numpy()
            found = member_outputs(untrimmed, windows[rows], stream, other, seed, folder)
            unseen[rows] = found["logits"]
        apart.append(unseen)
    return Outputs(
        windows,
        np.stack(logits),
        np.concatenate(features, axis=1),
        np.stack(apart),
        np.array(temperatures),
        accuracy,
    )


def member_outputs(
    untrimmed: Untrimmed,
    windows: pd.DataFrame,
    stream: str,
    people: list[str],
    seed: int,
    folder: Path,
) -> dict[str, np.ndarray]:
    """logits, features of the windows and clips_val, clips_test (logits of cut clips), of a member
    trained on the cut clips of these people."""
    precision = "bf16" if cpu_has_bf16() else "float32"
    subject_of = untrimmed.videos.set_index("video")["subject"]
    clips = untrimmed.clips
    chosen = clips[clips["video"].map(subject_of).isin(people)].reset_index(drop=True)
    facts = {
        "recipe": RECIPE, "stream": stream, "people": people, "seed": seed, "precision": precision,
        "clips": chosen.to_csv(), "windows": windows.to_csv(),
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    path = folder / f"{stream}-{'-'.join(people)}-{digest}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    count, sequences = len(untrimmed.names), untrimmed.sequences
    recogniser, settings = train_member(
        chosen, sequences, LAYOUT, stream, count, seed, precision=precision
    )
    logits, features = predict_member(recogniser, settings, windows, sequences, LAYOUT, count)
    found = {"logits": logits, "features": features}
    for split in ("val", "test"):
        rows = clips[clips["split"] == split]
        found[f"clips_{split}"], _ = predict_member(
            recogniser, settings, rows, sequences, LAYOUT, count, views=4
        )
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part.npz")
    np.savez(temporary, **found)
    temporary.replace(path)
    print(f"{stream} on {', '.join(people)}: done", flush=True)
    return found
