"""What the files of the data are made from: videos, keypoints, crops, and sets of clips.

Everything here is known before a job runs: the sheets, the configuration, the code, and who the
files are that a user brought (microgesture/provenance/identity.py). A part of a signature is a
plain value or the signature of what it stands for.
"""

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pandas as pd

from microgesture.configuration.estimators import chosen_settings, code_of_others, fetched_models
from microgesture.configuration.magnified import is_magnified, magnification_parts, unused_code
from microgesture.configuration.runs import MAIN, Runs
from microgesture.provenance.records import signature

RENDERED = "results/demo_videos/"
# Kinds of what a network sees of a clip, and so of what a set of its clips is made from.
SKELETONS, FLAT_SKELETONS, PICTURES = "skeletons", "flat_skeletons", "pictures"
# Code that only a training with weights of others runs.
FOREIGN_WEIGHTS = ("microgesture/weights/initial_weights.py",)
ALL = ("train", "val", "test", "unlabelled")
CACHED = (
    "source", "keypoints", "skeletons", "clips", "shares", "clip_set", "shown", "people", "labels",
    "rates", "_of_clips", "_sources",
)  # fmt: skip


def kind_of(stream: str) -> str:
    """What a stream is made from."""
    if stream == "rgb":
        return PICTURES
    return FLAT_SKELETONS if stream.endswith("heatmap") else SKELETONS


class DataLineage:
    """Parts of the signatures of the data's files, by rule.

    videos: `Sheets.videos` with the columns batch and part. clips: `Sheets.clips`. identity: path
    -> who the file is. code: rule (and more files of its closure) -> {"code": ..., "packages": ...}
    """

    def __init__(
        self,
        runs: Runs,
        videos: pd.DataFrame,
        clips: pd.DataFrame,
        identity: Callable[[str], str],
        code: Callable[..., dict],
    ):
        self._runs, self._identity, self._code = runs, identity, code
        self._videos = videos.set_index("video", drop=False)
        self._clips = clips.merge(videos[["video", "batch", "part"]], on="video").sort_values(
            "clip"
        )
        # Of batches and parts; one that is both has the same videos.
        rows = self._clips.reset_index(drop=True)
        self._videos_of, self._clips_of = {}, {}
        for unit in ("batch", "part"):
            self._videos_of |= {
                name: part["video"].tolist() for name, part in self._videos.groupby(unit)
            }
            self._clips_of |= rows.groupby(unit).indices
        self._clips_of_video = rows.groupby("video").indices
        self._imported = bool((videos["keypoints"] != "").any())
        self.flat = "_2d" if (videos["keypoints_2d"] != "").any() else ""
        # As plain texts, once: signatures are made of texts, and a cell costs when it is taken out.
        self._texts = _as_texts(self._clips)
        self._video_texts = _as_texts(self._videos)
        self._row_of = {video: row for row, video in enumerate(self._videos["video"])}
        for name in CACHED:
            setattr(self, name, cache(getattr(self, name)))
        self.stage = cache(self._stage)

    # Stages: code and settings, whatever the data are.

    def _stage(self, rule: str, run: str = MAIN) -> str:
        return signature(self.stage_parts(rule, run))

    def stage_parts(self, rule: str, run: str = MAIN) -> dict:
        """Code and settings of a rule, whatever the data are."""
        config = self._runs.config(run)
        without = unused_code(rule, config)
        if rule == "extract_keypoints":
            without = code_of_others(config[rule])
        parts = {**self._code(rule, without=without)}
        if rule in ("clean_keypoints", "locate_saliency", "render_heatmaps"):
            parts["layout"] = self.layout()
        if rule in config:
            parts["settings"] = config[rule]
        parts |= magnification_parts(rule, config)
        if rule == "extract_keypoints":
            settings = chosen_settings(config[rule])
            settings.pop("trust_config", None)  # whether a file may be read changes no number
            self._identify_model(settings, config[rule])
            if detector := settings.get("detector"):
                self._identify_model(detector, config[rule]["detector"])
            parts["settings"] = settings
        return parts

    def _identify_model(self, settings: dict, section: dict) -> None:
        """Put who a model's files are in place of their names; a model of a package's index is its
        name and hash: the file may be fetched later."""
        if not section.get("model"):
            for name in ("config", "checkpoint"):
                if isinstance(settings.get(name), str):
                    settings[name] = self._identity(settings[name])
        elif section.get("sha256"):
            settings["sha256"] = section["sha256"]

    def _decoded(self, run: str, video: str) -> str:
        """A video as a run's pictures see it: where motion is magnified with the sheet's rate."""
        source, magnified = self.source(video), is_magnified(self._runs.config(run))
        return signature([source, self.rates().get(video)]) if magnified else source

    def layout(self) -> str:
        """The layout's name; of a file, who it is."""
        name = self._runs.main["layout"]
        return self._identity(name) if name.endswith((".yaml", ".yml")) else name

    # Videos: source -> keypoints -> skeletons.

    def source(self, video: str) -> str:
        """Who a video's file is; of one that the workflow renders, what it is made from."""
        path = self._of_video(video, "path")
        if path.startswith(RENDERED):
            return signature(self.render_demo_videos(video))
        return self._identity(path) if path else ""

    def keypoints(self, video: str, view: str = "") -> str:
        """What a video's keypoints are made from."""
        if self._imported:
            store = self._of_video(video, f"keypoints{view}")
            return signature([self.stage("import_keypoints"), video, self._identity(store)])
        return signature([self.stage("extract_keypoints"), video, *self._seen(video)])

    def skeletons(self, video: str, view: str = "") -> str:
        """What a video's cleaned keypoints are made from."""
        return signature([self.stage("clean_keypoints"), self.keypoints(video, view)])

    def _seen(self, video: str) -> list[str]:
        """What the pose model sees of a video."""
        return [self.source(video), self._of_video(video, "region")]

    @property
    def videos(self) -> pd.DataFrame:
        """`Sheets.videos` with the columns batch and part."""
        return self._videos.reset_index(drop=True)

    def videos_of(self, batch: str) -> list[str]:
        """The videos of a batch."""
        return list(self._videos_of[batch])

    def path(self, video: str) -> str:
        """Where a video's file is; "" where there are keypoints only."""
        return self._of_video(video, "path")

    def _of_video(self, video: str, column: str) -> str:
        texts = self._video_texts.get(column)
        return "" if texts is None else texts[self._row_of[video]]

    # Clips of a run.

    def rates(self) -> dict:
        """Frames per second that the sheet gives, by video."""
        given = self._videos.dropna(subset="fps")
        return {str(video): float(fps) for video, fps in zip(given["video"], given["fps"])}

    def clips(self, run: str = MAIN) -> pd.DataFrame:
        """All clips of the sheet by id, with the splits of a run."""
        return self._runs.with_splits(run, self._clips)

    def shares(self, run: str, splits: tuple[str, ...], unit: str) -> list[str]:
        """The batches (unit: batch) or parts (part) that hold a clip of these splits."""
        clips = self.clips(run)
        return sorted(clips.loc[clips["split"].isin(splits), unit].unique())

    def clip_set(self, run: str, splits: tuple[str, ...], *kinds: str, labels: bool = False) -> str:
        """The manifest of a set of clips: its ids, spans and splits (with `labels` their classes),
        and what each was made from, for every kind of what a network sees of them."""
        columns = ("clip", "video", "start", "end", "split", *(("label",) if labels else ()))
        videos = self._sources(run, splits)
        made_from = [self.stage("probe_videos"), self._indexing()]
        for kind in kinds:
            made_from += self._made_from(run, kind, videos)
        return signature([self._of_clips(run, splits, columns), made_from])

    def chosen_set(self, run: str, chosen: np.ndarray, *kinds: str) -> str:
        """As `clip_set`, of some rows (bool) of `clips`: their ids and spans, and no split."""
        videos = list(dict.fromkeys(self._texts["video"][chosen]))
        made_from = [self.stage("probe_videos"), self._indexing()]
        for kind in kinds:
            made_from += self._made_from(run, kind, videos)
        columns = ("clip", "video", "start", "end")
        return signature([_hashed(self._texts, columns, chosen), made_from])

    def _made_from(self, run: str, kind: str, videos: list[str]) -> list[str]:
        """What a kind of what a network sees of these videos is made from."""
        view = self.flat if kind != SKELETONS else ""
        found = [self.stage("locate_saliency", run)]
        found += [self.skeletons(video, view) for video in videos]
        if kind == PICTURES:
            found.append(self.stage("decode_rgb", run))
            found += [self._decoded(run, video) for video in videos]
        return found

    def _indexing(self) -> str:
        """The code that makes tables of clips from the sheets."""
        return signature([self._code("index_videos"), self._code("index_labels")])

    def _sources(self, run: str, splits: tuple[str, ...]) -> list[str]:
        """The videos of the clips of these splits, each once."""
        clips = self.clips(run)
        return list(dict.fromkeys(clips.loc[clips["split"].isin(splits), "video"]))

    def _of_clips(self, run: str, splits: tuple[str, ...], columns: tuple[str, ...]) -> str:
        """Some columns of the clips of these splits, as one text's hash."""
        chosen = self.clips(run)["split"].isin(splits).to_numpy()
        texts = self._texts
        if self._runs.fold_of(run) != MAIN:
            own = self.clips(run)
            texts = {**texts, "split": own["split"].to_numpy(object)}
            texts["label"] = own["label"].astype(str).to_numpy(object)
        return _hashed(texts, columns, chosen)

    def shown(self, run: str = MAIN) -> str:
        """All clips with what may be seen of them, and the videos that they are lost with."""
        seen = [split for split in ALL if split != "test"]
        columns = ("clip", "video", "subject", "start", "end", "split")
        return signature(
            [
                self.stage("probe_videos"),
                self._indexing(),
                self._of_clips(run, ALL, columns),
                self._of_clips(run, tuple(seen), ("clip", "label")),
                [self.source(video) for video in self._sources(run, ALL)],
            ]
        )

    def people(self, run: str, splits: tuple[str, ...]) -> str:
        """Which clips of these splits belong to whom."""
        return self._of_clips(run, splits, ("clip", "video", "subject", "split"))

    def labels(self, run: str, *splits: str) -> str:
        """The labels of the clips of these splits."""
        return self._of_clips(run, splits, ("clip", "label"))

    def subjects(self, videos: Iterable[str]) -> list[str]:
        """Who is in each of these videos."""
        return [self._of_video(video, "subject") for video in videos]

    def has_truth(self) -> bool:
        """Whether a test clip has a label."""
        return bool(((self._clips["split"] == "test") & (self._clips["label"] >= 0)).any())

    def clips_of_videos(self, videos: Iterable[str]) -> str:
        """The clips of some videos of training and validation with their labels."""
        chosen = self._clips["video"].isin(list(videos)) & self._clips["split"].isin(
            ("train", "val")
        )
        return _hashed(self._texts, ("clip", "video", "start", "end", "label"), chosen.to_numpy())

    def truth(self, run: str) -> str:
        """The labels of the test clips."""
        return self.labels(run, "test")

    # Rules.

    def render_demo_videos(self, video: str) -> dict:
        return {**self.stage_parts("render_demo_videos"), "video": video}

    def probe_videos(self, batch: str) -> dict:
        videos = []
        for video in self._videos_of[batch]:
            path, keypoints = (self._of_video(video, name) for name in ("path", "keypoints"))
            videos.append((video, path, self.source(video) or self._identity(keypoints)))
        return {**self._code("probe_videos"), "videos": signature(videos)}

    def index_videos(self) -> dict:
        return {**self._spans(), "settings": self._runs.main.get("index_videos", {})}

    def _spans(self) -> dict:
        """What the spans are made from; what becomes of unreadable videos changes none of them."""
        videos = list(self._videos["video"])
        return {
            **self._code("index_videos"),
            "batches": signature(list(self._videos["batch"])),
            "clips": _hashed(self._texts, ("clip", "video", "start", "end")),
            "videos": signature(
                [self.stage("probe_videos"), videos, [self.source(video) for video in videos]]
            ),
        }

    def index_labels(self, run: str = MAIN) -> dict:
        return {
            **self._code("index_labels"),
            "spans": signature(self._spans()),
            "clips": self.shown(run),
        }

    def index_truth(self, run: str = MAIN) -> dict:
        return {
            **self._code("index_truth"),
            "people": self.people(run, ("test",)),
            "truth": self.truth(run),
        }

    def import_keypoints(self, batch: str, view: str = "") -> dict:
        # They are held against their videos, too; what is made from them is not made from those.
        held = [self.source(video) for video in sorted(self._videos_of[batch])]
        return {
            **self.stage_parts("import_keypoints"),
            **self._by_video(batch, view, "keypoints"),
            "videos": signature(held),
        }

    def extract_keypoints(self, part: str) -> dict:
        seen = [(video, *self._seen(video)) for video in self._videos_of[part]]
        return {**self.stage_parts("extract_keypoints"), "videos": signature(seen)}

    def fetch_pose_model(self, file: str) -> dict:
        model, digits = fetched_models(self._runs.main["extract_keypoints"])[file]
        return {**self._code("fetch_pose_model"), "settings": {"url": model.url, "sha256": digits}}

    def clean_keypoints(self, batch: str, view: str = "") -> dict:
        return {**self.stage_parts("clean_keypoints"), **self._by_video(batch, view, "keypoints")}

    def locate_saliency(self, batch: str, run: str = MAIN, view: str = "") -> dict:
        parts = self.stage_parts("locate_saliency", run)
        return {**parts, **self._spans_of(batch), **self._by_video(batch, view, "skeletons")}

    def decode_rgb(self, part: str, run: str = MAIN) -> dict:
        # of its own videos: those that share the batch of the light stages do not concern it
        return {
            **self.stage_parts("decode_rgb", run),
            "saliency": signature(self.locate_saliency(part, run, self.flat)),
            "videos": signature([self._decoded(run, video) for video in self._videos_of[part]]),
        }

    # Pieces of a job, each taken up again where the job was interrupted.

    def pieces(self, rule: str, name: str, run: str = MAIN, view: str = "") -> dict[str, str]:
        """Video -> signature of all that its share of the job's result is made from; name: of the
        job's batch or part."""
        videos = self._videos_of[name]
        if rule == "extract_keypoints":
            return {video: self.keypoints(video) for video in videos}
        if rule == "clean_keypoints":
            return {video: self.skeletons(video, view) for video in videos}
        stages = [self.stage(name, run) for name in ("decode_rgb", "locate_saliency")]
        stages.append(self.stage("probe_videos"))
        return {video: signature([*stages, *self._cropped(run, video)]) for video in videos}

    def _cropped(self, run: str, video: str) -> list[str]:
        chosen = self._clips_of_video.get(video, [])
        spans = _hashed(self._texts, ("clip", "start", "end"), chosen)
        return [spans, self.skeletons(video, self.flat), self._decoded(run, video)]

    def render_heatmaps(self, batch: str) -> dict:
        return {
            **self.stage_parts("render_heatmaps"),
            "saliency": signature(self.locate_saliency(batch, MAIN, self.flat)),
        }

    def score_keypoints(self, videos: Iterable[str]) -> dict:
        made_from = [(self.keypoints(video), self.source(video)) for video in videos]
        return {**self.stage_parts("score_keypoints"), "videos": signature(made_from)}

    def _spans_of(self, batch: str) -> dict:
        chosen = self._clips_of.get(batch, [])
        columns = ("clip", "video", "start", "end")
        return {
            "spans": signature([self.stage("probe_videos"), _hashed(self._texts, columns, chosen)])
        }

    def _by_video(self, batch: str, view: str, kind: str) -> dict:
        made_from = getattr(self, kind)
        videos = sorted(self._videos_of[batch])
        return {kind: signature([(video, made_from(video, view)) for video in videos])}


def _as_texts(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every column as plain texts; the same value is the same object, for the memory's sake."""
    texts = {}
    for name in table.columns:
        codes, values = pd.factorize(table[name], use_na_sentinel=False)
        texts[name] = np.array(list(map(str, values.tolist())), dtype=object)[codes]
    return texts


def _hashed(texts: dict, columns: tuple[str, ...], chosen=slice(None)) -> str:
    """A hash of the chosen rows of some columns, in their order."""
    parts = [texts[column][chosen] for column in columns]
    return signature(["\n".join(map("\t".join, zip(*parts)))])
