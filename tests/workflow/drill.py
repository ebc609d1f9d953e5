"""The drill of law 4: pairs of random edits on a finished run, executed for real.

What such a run leaves behind must be, byte for byte, what a run from scratch with the same edits
leaves. `python -m tests.workflow.drill --pairs 200` (make drill) tells every pair and ends with 1
where one differs; a call goes on where the one before it stopped. Eight rendered people, two classes, a pose stage, two modalities and one round of
pseudo-labels, with networks of a few hundred numbers.
"""

import argparse
import compileall
import contextlib
import itertools
import json
import py_compile
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml

from microgesture.demo.render import render_video
from microgesture.videos.decoding import read_frames
from microgesture.videos.encoding import write_video
from tests.workflow.conftest import Workspace, copy_project
from tests.workflow.edits import both, cell, configured, reworded, row, without_rows
from tests.workflow.forks import Forks, project_digest

FRAMES, FPS = 48, 12.0
PEOPLE = {
    "p1": "train", "p2": "train", "p3": "train", "p4": "val", "p5": "test", "p6": "test",
    "p7": "unlabelled",
}  # fmt: skip
SPARE = "spare"  # a person who stands in no sheet
# All tables and networks; figures and overlays are drawn from them.
TARGETS = ("results/ensemble/predictions.tsv", "results/scores/scores.tsv")
# What must be equal. Metadata (json) say when and by which commit; figures are made of the tables.
COMPARED = (".parquet", ".tsv", ".safetensors", ".h5", ".csv")
TINY = {
    "frames": 8, "epochs": 1, "batch_size": 8, "precision": "float32",
}  # fmt: skip
CONFIG = {
    "batches": 2,
    "rounds": 1,
    "modalities": {
        "joint": {
            "stream": "joint",
            "model": "st_gcn_pp",
            "model_options": {"base_channels": 8, "num_stages": 1, "inflate_stages": []},
            **TINY,
        },
        "rgb": {
            "stream": "rgb",
            "model": "resnet3d",
            "model_options": {"base_channels": 4, "stage_blocks": [1, 1]},
            "rgb_frames": 4,
            "rgb_size": 24,
            **TINY,
        },
    },
    "decode_rgb": {"size": 32, "frames_per_clip": 8},
    "train_modality": {"threads": 1},
    "select_pseudo_labels": {"threshold": 0.1, "floor": 0.0},
    "train_fusion": {"enabled": False},
    "fit_temperatures": {"vote": "soft", "weights": "equal"},
    "combine_scores": {"prior_correction": 0.0, "submission": "miga2025"},
    "ablation": {"variants": {}},
}


def replaced_by_the_spare(folder: Path) -> None:
    """Another recording under the name of a training person's."""
    shutil.copy(folder / "videos" / f"{SPARE}.mp4", folder / "videos" / "p2.mp4")


def another_unlabelled_person(folder: Path) -> None:
    """One more person in the sheets, with a clip that nobody labelled."""
    row("videos", "n1", f"videos/{SPARE}.mp4", "n1")(folder)
    row("clips", "n1_0", "n1", "2", "25", "", "unlabelled")(folder)


def moved(folder: Path) -> None:
    """The recordings lie in another folder."""
    (folder / "videos").rename(folder / "recordings")
    path = folder / "demo" / "videos.tsv"
    path.write_text(path.read_text().replace("\tvideos/", "\trecordings/"), encoding="utf-8")


EDITS = {
    "pose setting": configured(extract_keypoints={"person_threshold": 0.6}),
    "cleaning": configured(clean_keypoints={"longest_gap": 1}),
    "crop": configured(locate_saliency={"padding": 0.4}),
    "picture size": configured(decode_rgb={"size": 40}),
    "seed": configured(seed=3),
    "dropout": configured(train_modality={"dropout": 0.1}),
    "class weights": configured(train_modality={"class_weights": "none"}),
    "mirror at test": configured(train_modality={"test_flip": False}),
    "pseudo weight": configured(train_modality={"pseudo_weight": 0.9}),
    "threads": configured(train_modality={"loader_workers": 0, "cache_megabytes": 1}),
    "joint alone": configured(modalities={"joint": {"learning_rate": 0.02}}),
    "pseudo threshold": configured(select_pseudo_labels={"threshold": 0.6}),
    "inductive": configured(select_pseudo_labels={"mode": "inductive"}),
    "vote": configured(fit_temperatures={"vote": "log_linear"}),
    "no temperatures": configured(fit_temperatures={"calibrate": False}),
    "prior": configured(combine_scores={"prior_correction": 0.5}),
    "submission": configured(combine_scores={"submission": "none"}),
    "no later round": configured(rounds=0),
    "quarantine": configured(index_videos={"on_bad_video": "quarantine"}),
    "train label": cell("clips", "label", "1", clip="p1_0"),
    "val label": cell("clips", "label", "1", clip="p4_0"),
    "test label": cell("clips", "label", "1", clip="p5_0"),
    "span": cell("clips", "end", "9", clip="p2_0"),
    "test span": cell("clips", "end", "9", clip="p6_0"),
    "batch": cell("videos", "batch", "b0", video="p2"),
    "class renamed": cell("labels", "name", "another", label="1"),
    "class described": cell("labels", "description", "Other words.", label="1"),
    "a person less": both(
        without_rows("clips", "video", "p3"), without_rows("videos", "video", "p3")
    ),
    "replaced video": replaced_by_the_spare,
    "new video": another_unlabelled_person,
    "moved folder": moved,
    "touched": lambda folder: [path.touch() for path in folder.rglob("p1.mp4")] and None,
    "decoder": reworded("microgesture/videos/cropping.py", "2 * size, 2 * size", "3 * size, 3 * size"),
    "augmentation": reworded("microgesture/configuration/settings_of_augmentation.py", '"flip": Setting(0.5', '"flip": Setting(0.25'),
    "message": reworded("microgesture/datasets/clips.py", "holds no clip", "is without the clip"),
    "score": reworded("microgesture/metrics/classification.py", "1e-12, 1.0", "1e-11, 1.0"),
}  # fmt: skip


def make_recordings(folder: Path) -> None:
    """The first frames of rendered people, one file each. Made once, then copied."""
    names = [*PEOPLE, SPARE]
    folder.mkdir(parents=True)
    for number, name in enumerate(names, 1):
        whole = folder / "whole.mp4"
        render_video(f"s{number:02d}", {"width": 160, "height": 120, "fps": FPS}, whole)
        frames = next(iter(read_frames(whole, 0, FRAMES - 1, chunk=FRAMES)))[1]
        write_video(folder / f"{name}.mp4", iter(frames), FPS)
        whole.unlink()


def make_project(folder: Path, recordings: Path) -> Path:
    """A small project on those recordings, nothing run."""
    folder.mkdir(parents=True)
    copy_project(folder)
    shutil.copytree(recordings, folder / "videos")
    rows = [[name, f"videos/{name}.mp4", name] for name in PEOPLE]
    videos = pd.DataFrame(rows, columns=["video", "path", "subject"])
    clips = [
        [f"{name}_{k}", name, 14 * k, 14 * k + 13, "" if split == "unlabelled" else k % 2, split]
        for name, split in PEOPLE.items()
        for k in range(3)
    ]
    clips = pd.DataFrame(clips, columns=["clip", "video", "start", "end", "label", "split"])
    labels = pd.DataFrame(
        [[0, "rest", "Nothing.", "body"], [1, "wave", "An arm.", "arm"]],
        columns=["label", "name", "description", "group"],
    )
    for name, table in (("videos", videos), ("clips", clips), ("labels", labels)):
        table.to_csv(folder / "demo" / f"{name}.tsv", sep="\t", index=False)
    config = {name: f"demo/{name}.tsv" for name in ("videos", "clips", "labels")} | CONFIG
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    # Compiled once; a file whose content is another is compiled anew, whenever it was written.
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=1, invalidation_mode=mode)
    return folder


def run(folder: Path, python: str, edit=None, cache: Path | None = None) -> None:
    """Make the tables of the project's scores, with an edit where one is given.

    python: the program that runs Snakemake. cache: of jobs of runs from scratch (forks.py).
    """
    files, variables = ["config.yaml"], {}
    if edit is not None:
        (folder / "edit.yaml").write_text(yaml.safe_dump(edit(folder) or {}), encoding="utf-8")
        files.append("edit.yaml")
    if cache is not None:
        cache.mkdir(exist_ok=True)
        variables = {"DRILL_CACHE": str(cache), "DRILL_PROJECT": project_digest(folder)}
    space = Workspace(folder, python)
    space.snakemake("--configfile", *files, "--", *TARGETS, variables=variables)


def contents(folder: Path) -> dict[str, bytes]:
    """What a run leaves: path -> bytes, of the files that must be equal."""
    results = folder / "results"
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.suffix in COMPARED and "state" not in path.parts
    }


def differing(edited: dict[str, bytes], scratch: dict[str, bytes]) -> list[str]:
    """Files of the run from scratch that the edited run has not, or has otherwise. (What an edited
    run leaves of things that are wanted no more is not looked at.)"""
    return [name for name, content in scratch.items() if edited.get(name) != content]


class Drill:
    """What pairs are judged with: a finished run, a project that has not run, warm processes."""

    def __enter__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="drill"))
        self._forks = Forks()
        try:
            self.python = self._forks.__enter__().python
            recordings = self._folder / "recordings"
            make_recordings(recordings)
            self.fresh = make_project(self._folder / "fresh", recordings)
            self.finished = self._copy(self.fresh, "finished")
            run(self.finished, self.python)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        self._forks.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _copy(self, project: Path, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(project, folder, copy_function=shutil.copy2, symlinks=True)

    def judge(self, *names: str) -> list[str]:
        """Apply edits to a copy of the finished run and to a fresh project; the files that differ.

        The run with edits is all real. The one from scratch takes from a cache what earlier runs
        from scratch made of the same bytes (forks.py).
        """
        edit = both(*(EDITS[name] for name in names))
        edited, scratch = self._copy(self.finished, "edited"), self._copy(self.fresh, "scratch")
        run(edited, self.python, edit)
        run(scratch, self.python, edit, cache=self._folder / "cache")
        return differing(contents(edited), contents(scratch))


def draw_pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of edits in a random order; all of them where there are fewer."""
    pairs = list(itertools.combinations(sorted(EDITS), 2))
    clashing = {("new video", "replaced video"), ("moved folder", "replaced video"),
                ("moved folder", "new video")}  # fmt: skip
    pairs = [pair for pair in pairs if pair not in clashing]
    return random.Random(seed).sample(pairs, min(count, len(pairs)))


def judged(report: Path, seed: int) -> dict:
    """What earlier calls with this seed have found: pair -> files that differ, and seconds."""
    if report.is_file():
        found = json.loads(report.read_text(encoding="utf-8"))
        if found.get("seed") == seed and isinstance(found.get("judged"), dict):
            return found["judged"]
    return {}


def main(arguments: list[str] | None = None) -> int:
    """Draw, judge, tell. Returns 1 where a pair differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0, help="end after these (0: never)")
    parser.add_argument("--anew", action="store_true", help="forget what earlier calls judged")
    parser.add_argument(
        "--report", default="results/drill.json", help="where results are written, pair by pair"
    )
    given = parser.parse_args(arguments)
    report, until = Path(given.report), time.monotonic() + 60 * (given.minutes or 1e9)
    report.parent.mkdir(parents=True, exist_ok=True)
    done = {} if given.anew else judged(report, given.seed)
    pairs = [" + ".join(pair) for pair in draw_pairs(given.pairs, given.seed)]
    left = [pair for pair in pairs if pair not in done]
    print(f"{len(pairs)} pairs, {len(pairs) - len(left)} of them judged before", flush=True)
    with Drill() if left else contextlib.nullcontext() as drill:
        for pair in left:
            if time.monotonic() > until:
                break
            began = time.perf_counter()
            found = drill.judge(*pair.split(" + "))
            seconds = round(time.perf_counter() - began, 1)
            done[pair] = {"differ": found, "seconds": seconds}
            told = f"DIFFERS: {', '.join(found[:5])}" if found else "equal"
            print(f"{len(done)}/{len(pairs)} {pair}: {told} ({seconds} s)", flush=True)
            text = json.dumps({"seed": given.seed, "judged": done}, indent=1) + "\n"
            report.with_suffix(".new").write_text(text, encoding="utf-8")
            report.with_suffix(".new").replace(report)
    wrong = [pair for pair, found in done.items() if found["differ"]]
    print(f"{len(done)} pairs judged, {len(wrong)} differ; {report}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
