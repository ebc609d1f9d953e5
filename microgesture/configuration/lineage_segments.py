"""What the jobs on whole videos are made from: windows, the segmenter, segments, their scores."""

from functools import cached_property
from pathlib import Path

from microgesture.bundles.contents import PRIORS
from microgesture.bundles.prediction import ALL, segmenter_files
from microgesture.bundles.settings import kept_settings
from microgesture.configuration.lineage_data import (
    FLAT_SKELETONS,
    FOREIGN_WEIGHTS,
    PICTURES,
    SKELETONS,
    kind_of,
)
from microgesture.configuration.runs import MAIN
from microgesture.configuration.settings import names_that_change
from microgesture.provenance.records import signature
from microgesture.tables.untrimmed import learning_videos, scored_videos, segmented_videos

FUSION = "fusion"
PAGE = Path(__file__).resolve().parents[1] / "review" / "page"  # no code that a digest sees
PREDICTED = ("val", "test", "unlabelled")
EXECUTION = names_that_change("execution") | {"threads", "members", "fusion"}


class SegmentLineage:
    """Parts of the signatures of these jobs; a base of `Lineage`, which has what is used here."""

    def members_of_windows(self) -> list[tuple[str, str]]:
        """(modality, round) of the members that look at windows."""
        settings = self._runs.main["predict_windows"]
        wanted = settings["members"]
        return [
            (name, number)
            for name, number in self._runs.members(MAIN)
            if (wanted is None or name in wanted) and (settings["fusion"] or name != FUSION)
        ]

    @cached_property
    def segmented(self) -> list[str]:
        """The videos that are segmented, sorted."""
        return segmented_videos(self.data.videos, self.data.clips(MAIN))

    @cached_property
    def learned_from(self) -> dict[str, str]:
        """Video -> train or val: those that the segmenter learns from."""
        return learning_videos(self.data.videos, self.data.clips(MAIN))

    @cached_property
    def scored(self) -> list[str]:
        """The videos whose segments are scored."""
        return scored_videos(self.data.videos, self.data.clips(MAIN))

    def segmented_of(self, part: str) -> list[str]:
        """The segmented videos of a part."""
        return sorted(set(self.data.videos_of(part)) & self._segmented)

    def companions(self, videos: list[str]) -> list[str]:
        """These videos and all others that lie in the same files, sorted."""
        paths = {self.data.path(video) for video in videos} - {""}
        return sorted({*videos, *(video for path in paths for video in self._of_path[path])})

    @cached_property
    def _segmented(self) -> frozenset[str]:
        return frozenset(self.segmented)

    @cached_property
    def _page(self) -> list[str]:
        return [self._identity(str(file)) for file in sorted(PAGE.iterdir()) if file.is_file()]

    @cached_property
    def _of_path(self) -> dict[str, list[str]]:
        return {path: list(own) for path, own in self.data.videos.groupby("path")["video"]}

    def sees_pictures(self, member: str) -> bool:
        """One of the member's streams is RGB."""
        return PICTURES in self.kinds_of(member)

    # Rules.

    def store_videos(self, part: str, run: str = MAIN) -> dict:
        made_from = [self._pictures(video) for video in self.segmented_of(part)]
        return {**self.data.stage_parts("store_videos"), "videos": signature(made_from)}

    def predict_windows(self, member: str, part: str, run: str = MAIN) -> dict:
        made_from = [self._seen(member, video) for video in self.segmented_of(part)]
        return {**self._looking(member), "videos": signature(made_from)}

    def voters(self, voters: str) -> list[str]:
        """The members whose windows a segmenter reads: all, or one alone."""
        return [name for name, _ in self.members_of_windows()] if voters == ALL else [voters]

    def fit_segmenter(self, voters: str, run: str = MAIN) -> dict:
        return {
            **self._code("fit_segmenter"),
            "settings": self._runs.main["fit_segmenter"],
            "seed": self._runs.main["seed"],
            "classes": len(self._names),
            "windows": self._windows(sorted(self.learned_from), self.voters(voters)),
            "videos": self.learned_from,
            "clips": self.data.clips_of_videos(sorted(self.learned_from)),
            "temperatures": self._vote(),
        }

    def find_segments(self, part: str, run: str = MAIN) -> dict:
        return {
            **self._code("find_segments"),
            "windows": self._windows(self.segmented_of(part), self.voters(ALL)),
            "segmenter": self._segmenter,
        }

    def summarise_segments(self, run: str = MAIN) -> dict:
        return {
            **self._code("summarise_segments"),
            "settings": self._runs.main["summarise_segments"],
            "segments": self._segments(),
            "clips": self.data.shown(MAIN),
            "names": self._names,
            "groups": self._groups,
        }

    def export_segments(self, run: str = MAIN) -> dict:
        return {
            **self._code("export_segments"),
            "settings": self._runs.main["export_segments"],
            "segments": self.signature("summarise_segments"),
            "paths": signature([self.data.path(video) for video in self.segmented]),
            "descriptions": self._descriptions,
        }

    def score_segments(self, run: str = MAIN) -> dict:
        return {
            **self._code("score_segments"),
            "segments": self.signature("summarise_segments"),
            "videos": self.scored,
            "truth": signature(self.data.index_truth(MAIN)),
            "clips": self.data.shown(MAIN),
            "seed": self._runs.main["seed"],
        }

    def plot_segments(self, run: str = MAIN) -> dict:
        scores = self.signature("score_segments")
        return {**self._code("plot_segments"), "scores": scores, "segmenter": self._segmenter}

    def review_segments(self, part: str, run: str = MAIN) -> dict:
        drawn = self._drawn("review_segments", part)
        return {**drawn, "descriptions": self._descriptions, "page": self._page}

    def render_segments(self, part: str, run: str = MAIN) -> dict:
        return self._drawn("render_segments", part)

    def bundle(self, run: str = MAIN) -> dict:
        main = self._runs.main
        settings, files = kept_settings(main)
        trained = {name: self._trained(MAIN, name, r) for name, r in self._runs.members(MAIN)}
        return {
            **self._code("bundle"),
            "section": main["bundle"],
            "settings": settings,
            "rounds": [main["rounds"], main["select_pseudo_labels"]["mode"]],
            **({"pretrained_on_scored": True} if self.pretrained_on_scored(MAIN) else {}),
            "files": {name: self._identity(str(path)) for name, path in files.items()},
            "members": trained,
            "vote": self.signature("fit_temperatures"),
            "clips": self.data.shown(MAIN),
            "segmenters": [self.signature("fit_segmenter", voters=v) for v in self.segmenters()],
            "scores": self.signature("score_predictions", MAIN) if self.data.has_truth() else "",
            "names": self._names,
            "groups": self._groups,
            "descriptions": self._descriptions,
        }

    def segmenters(self) -> list[str]:
        """Whose segmenters a bundle holds; none where background cannot be learned."""
        if "train" not in self.learned_from.values():
            return []
        alone = self.voters(ALL) if self._runs.main["bundle"]["single_members"] else []
        return [ALL, *(alone if len(alone) > 1 else [])]

    def vote_on_clips(self, run: str = MAIN) -> dict:
        members = self._members(MAIN, PREDICTED)
        return {
            **self._code("vote_on_clips"),
            "members": members,
            "vote": [self._vote(), self._identity(str(self._bundle.folder / PRIORS))],
            "clips": self.data.shown(MAIN),
            "names": self._names,
        }

    # What these share.

    def _looking(self, member: str) -> dict:
        """How a member looks at windows, whatever the videos are."""
        main = self._runs.main
        number = dict(self._runs.members(MAIN))[member]
        settings = {k: v for k, v in main["predict_windows"].items() if k not in EXECUTION}
        return {
            **self._code("predict_windows", *self._models(member), without=FOREIGN_WEIGHTS),
            "settings": settings,
            "probed": self.data.stage("probe_videos"),
            "saliency": main["locate_saliency"],
            "picture_size": main["decode_rgb"]["size"] if self.sees_pictures(member) else 0,
            "checkpoint": self._trained(MAIN, member, number),
        }

    def _models(self, member: str) -> list[str]:
        modalities = self._runs.modalities(MAIN)
        if member != FUSION:
            return [modalities[member]["model"]]
        return ["rgbpose_fusion", *(modalities[n]["model"] for n in self._parent_names(MAIN))]

    def kinds_of(self, member: str) -> set[str]:
        """What a member's streams are made from."""
        if member == FUSION:
            return {PICTURES, FLAT_SKELETONS}
        return {kind_of(self._runs.modalities(MAIN)[member]["stream"])}

    def view_of(self, member: str) -> str:
        """The keypoints that a member sees: those in pixels, unless it sees skeletons alone."""
        return "" if self.kinds_of(member) == {SKELETONS} else self.data.flat

    def _seen(self, member: str, video: str) -> list:
        """What a member sees of a video: its rate, its keypoints, its pictures."""
        seen = [video, self.data.rates().get(video), self.data.source(video)]
        seen.append(self.data.skeletons(video, self.view_of(member)))
        return [*seen, self._pictures(video)] if self.sees_pictures(member) else seen

    def _pictures(self, video: str) -> str:
        rate = self.data.rates().get(video)
        made_from = [self.data.skeletons(video, self.data.flat), self.data.source(video), rate]
        return signature([self.data.stage("store_videos"), video, *made_from])

    def _windows(self, videos: list[str], members: list[str]) -> dict[str, str]:
        """Member -> what its windows of these videos are made from."""
        return {
            member: signature([self._looking(member), [self._seen(member, v) for v in videos]])
            for member in members
        }

    def _drawn(self, rule: str, part: str) -> dict:
        """Segments drawn over their videos."""
        videos, main = self.companions(self.segmented_of(part)), self._runs.main
        seen = [
            (v, self.data.rates().get(v), self.data.path(v), self.data.source(v)) for v in videos
        ]
        return {
            **self._code(rule),
            "settings": main[rule],
            "saliency": main["locate_saliency"],
            "segments": self.signature("find_segments", part=part),
            "skeletons": [self.data.skeletons(video, self.data.flat) for video in videos],
            "videos": signature(seen),
            "people": self.data.subjects(videos),
            "names": self._names,
            "groups": self._groups,
        }

    def _segments(self) -> str:
        windows = self._windows(self.segmented, self.voters(ALL))
        return signature([self._code("find_segments"), windows, self._segmenter])

    @cached_property  # which files it is stands in the bundle's vote: not to be read for every part
    def _segmenter(self) -> str:
        if self._bundle:
            return signature(
                [self._identity(path) for path in segmenter_files(self._bundle).values()]
            )
        return self.signature("fit_segmenter", voters=ALL)

    def _vote(self) -> str:
        if self._bundle:
            return self._identity(str(self._bundle.vote))
        return self.signature("fit_temperatures")
