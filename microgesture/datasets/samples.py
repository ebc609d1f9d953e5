"""Samples of clips and batches of samples: raw, compact, the same for any number of workers.

A sample is asked for by a key that says everything its random numbers depend on, so a run that is
taken up again, a second run and any number of loader processes draw the same samples.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from microgesture.datasets.clips import Clips
from microgesture.datasets.more_numbers import draw_more
from microgesture.datasets.timing import (
    between_frames,
    nearest_frames,
    short_positions,
    stretched_places,
)
from microgesture.videos.sampling import sample_testing, sample_training

RANDOM_NUMBERS = 16  # uniform numbers in [0, 1) that augmentation may use for a sample


class Key(NamedTuple):
    """clip: number in `Clips`; epoch and draw seed its random numbers. counts: False for a
    stand-in, which a process without a clip takes, and which has the weight 0."""

    clip: int
    epoch: int = 0
    draw: int = 0
    counts: bool = True


class Share(NamedTuple):
    """A process's share of a training batch. batch: clips of the whole batch. counting: those of
    this process; clips: with its stand-ins, which come last. passes: parts in which it is taken,
    the same number in every process."""

    batch: int
    counting: int
    clips: int
    passes: int


class ClipSamples(Dataset):
    """Samples of `clips`, by `Key`.

    A sample is a dictionary: "skeleton" float32 (M, T, V, D + 1) and / or "rgb" uint8
    (T', S, S, 3), "label" int64, "weight" float32, "clip" int64 (its number), and in training
    "random" float32 (RANDOM_NUMBERS,), "random_joints" float32 (V,) and, when noise is asked for,
    "noise" float32 (M, T, V, D), standard normal. With both, the T' pictures are taken at T' of the
    T skeleton frames, one from each equal part, so that the two stay together in time. With
    `skip_empty` only frames in which somebody is seen are sampled (all, where nobody ever is).
    `more` adds what `draw_more` draws for a training sample.
    """

    def __init__(
        self,
        clips: Clips,
        *,
        frames: int = 0,
        rgb_frames: int = 0,
        training: bool = False,
        seed: int = 0,
        sampling: str = "uniform",
        noise: bool = False,
        skip_empty: bool = False,
        short_clips: str = "loop",
        more: dict | None = None,
        view: int = 0,
        views: int = 1,
    ):
        """frames, rgb_frames: T and T', 0 = none of it. Without `training`, view `view` of
        `views` is taken at fixed places. more: the group `augmentation` of the settings."""
        self.clips, self.frames, self.rgb_frames = clips, frames, rgb_frames
        self.training, self.seed, self.sampling = training, seed, sampling
        self.noise, self.skip_empty = noise, skip_empty
        self.short_clips, self.more = short_clips, more
        self.view, self.views = view, views

    def __getitem__(self, key: Key) -> dict[str, np.ndarray]:
        clips, number = self.clips, key.clip
        generator = None
        if self.training:
            generator = np.random.default_rng([self.seed, key.epoch, key.draw, number])
        sample = {
            "label": clips.labels[number],
            "weight": clips.weights[number] if key.counts else np.float32(0),
            "clip": np.int64(number),
        }
        places = np.arange(int(clips.lengths[number]))
        points = clips.points[number] if self.frames else None
        if self.skip_empty and self.frames:
            places = clips.frames_with_person(number, points)
        if generator is not None and self.more and self.more["time_stretch"]:
            places = stretched_places(places, self.more["time_stretch"], generator)
        motion = clips.energies[number][places] if self.sampling == "motion" else None
        count, positions = self.frames or self.rgb_frames, None
        if self.short_clips != "loop" and len(places) < count and motion is None:
            positions = short_positions(len(places), count, generator, self.view, self.views)
            chosen = places[nearest_frames(positions)]
        else:
            chosen = places[self._choose(len(places), count, motion, generator)]
        if self.frames:
            sample["skeleton"] = points[:, chosen]
            if positions is not None and self.short_clips == "interpolate":
                sample["skeleton"] = between_frames(points[:, places], positions)
        if self.rgb_frames:
            if self.frames:
                chosen = chosen[self._choose(self.frames, self.rgb_frames, None, generator)]
            sample["rgb"] = clips.rgb.read(number, chosen)
        if generator is not None:
            sample["random"] = generator.random(RANDOM_NUMBERS, np.float32)
            if self.frames:
                shape = sample["skeleton"].shape
                sample["random_joints"] = generator.random(shape[2], np.float32)
                if self.noise:
                    sample["noise"] = generator.standard_normal(
                        (*shape[:3], shape[3] - 1), np.float32
                    )
            if self.more:
                joints = sample["skeleton"].shape[2] if self.frames else 0
                sample |= draw_more(generator, self.more, joints)
        return sample

    def _choose(self, length, count, motion, generator) -> np.ndarray:
        if generator is None:
            return sample_testing(length, count, self.views)[self.view]
        return sample_training(length, count, generator, motion)


class EpochBatches:
    """The keys of an epoch in batches, for the loader; `epoch` is set before each pass.

    With `shuffle`, for training, every process takes its share of every batch: the batch size is
    the whole one. A process with fewer clips than passes, of a short last batch, takes stand-ins.
    Without, for prediction, the processes take whole batches in turn: what a clip is batched with
    does not depend on their number.
    """

    def __init__(
        self,
        chosen: np.ndarray,
        batch_size: int,
        *,
        repeats: int = 1,
        seed: int = 0,
        shuffle: bool = True,
        draw_weights: np.ndarray | None = None,
        drop_last: bool = False,
        micro_batch: int = 0,
        process: int = 0,
        processes: int = 1,
    ):
        """chosen: clip numbers; draw_weights: float (len(chosen),), with them an epoch is drawn
        with replacement in proportion to them. drop_last: leave out a last batch that is smaller
        than the others. micro_batch: most clips that a process takes at once; 0: its share."""
        self.chosen, self.batch_size, self.repeats = np.asarray(chosen), batch_size, repeats
        self.seed, self.shuffle, self.draw_weights = seed, shuffle, draw_weights
        self.drop_last, self.micro_batch = drop_last, micro_batch
        self.process, self.processes, self.epoch = process, processes, 0
        self.first = 0  # batches of the epoch that are left out: an interrupted one goes on there

    @property
    def total(self) -> int:
        """Samples of an epoch."""
        return len(self.chosen) * self.repeats

    def __len__(self) -> int:
        batches = self.total // self.batch_size
        if self.total % self.batch_size and not self.drop_last:
            batches += 1
        return batches if self.shuffle else len(range(self.process, batches, self.processes))

    def share(self, step: int) -> Share:
        """What this process has of a training batch."""
        batch = min(self.batch_size, self.total - step * self.batch_size)
        passes = number_of_passes(-(-batch // self.processes), self.micro_batch)
        own = len(range(self.process, batch, self.processes))
        return Share(batch, own, max(own, passes), passes)

    def __iter__(self) -> Iterator[list[Key]]:
        keys = self._keys()
        if not self.shuffle:
            for number in range(len(self)):
                place = number * self.processes + self.process
                yield keys[place * self.batch_size : (place + 1) * self.batch_size]
            return
        for number in range(self.first, len(self)):
            batch = keys[number * self.batch_size : (number + 1) * self.batch_size]
            share = batch[self.process :: self.processes]
            while len(share) < self.share(number).clips:  # each takes part in every pass
                share.append(batch[0]._replace(counts=False))
            yield share

    def _keys(self) -> list[Key]:
        order = np.arange(self.total)
        if self.shuffle:
            generator = np.random.default_rng([self.seed, self.epoch])
            if self.draw_weights is None:
                order = generator.permutation(self.total)
            else:
                share = self.draw_weights / self.draw_weights.sum()
                order = generator.choice(len(self.chosen), self.total, p=share)
        # `draw` tells apart the several samples of one clip in an epoch.
        return [
            Key(int(self.chosen[place % len(self.chosen)]), self.epoch, draw)
            for draw, place in enumerate(order)
        ]


def number_of_passes(clips: int, most: int) -> int:
    """Passes in which `clips` clips are taken, at most `most` at a time; 0: all at once."""
    return -(-clips // most) if most else 1


def collate(samples: list[dict[str, np.ndarray]]) -> dict[str, torch.Tensor]:
    """A batch: every entry of the samples stacked along a new first axis."""
    return {
        name: torch.from_numpy(np.stack([sample[name] for sample in samples]))
        for name in samples[0]
    }


def make_loader(
    samples: ClipSamples, batches: EpochBatches, workers: int = 0, pin: bool = False
) -> DataLoader:
    """A loader over the batches; workers: processes that load ahead, 0 = none."""
    return DataLoader(
        samples,
        batch_sampler=batches,
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin,
        persistent_workers=workers > 0,
    )
