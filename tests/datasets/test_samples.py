import numpy as np
import torch

from microgesture.datasets.samples import ClipSamples, EpochBatches, Key, make_loader
from tests.datasets.synthetic import write_stores
from tests.datasets.test_clips import load


def batches_of(clips, workers, epoch):
    samples = ClipSamples(clips, frames=8, rgb_frames=4, training=True, seed=5, noise=True)
    order = EpochBatches(np.arange(len(clips)), 4, seed=5)
    order.epoch = epoch
    return list(make_loader(samples, order, workers))


def test_samples_depend_on_seed_epoch_and_clip_alone(tmp_path):
    clips = load(write_stores(tmp_path))
    first, again, worked = (batches_of(clips, workers, epoch=3) for workers in (0, 0, 2))
    other = batches_of(clips, 0, epoch=4)
    for a, b, c in zip(first, again, worked, strict=True):
        for name in a:
            torch.testing.assert_close(a[name], b[name], rtol=0, atol=0)
            torch.testing.assert_close(a[name], c[name], rtol=0, atol=0)
    assert first[0]["clip"].tolist() != other[0]["clip"].tolist()
    assert sorted(torch.cat([b["clip"] for b in other]).tolist()) == list(range(len(clips)))
    sample = first[0]
    assert (
        sample["skeleton"].shape == (4, 1, 8, 17, 3) and sample["skeleton"].dtype == torch.float32
    )
    assert sample["rgb"].shape == (4, 4, 16, 16, 3) and sample["rgb"].dtype == torch.uint8
    assert sample["noise"].shape == (4, 1, 8, 17, 2) and sample["random_joints"].shape == (4, 17)


def test_pictures_are_taken_at_skeleton_frames(tmp_path):
    clips = load(write_stores(tmp_path))

    class Spy:
        def read(self, number, frames):
            self.frames = frames
            return np.zeros((len(frames), 2, 2, 3), np.uint8)

    clips.rgb, clips.points = Spy(), list(clips.points)
    number = 4
    # Every frame's own number is put into the coordinates, so the sample tells its frames.
    clips.points[number] = np.broadcast_to(
        np.arange(clips.lengths[number], dtype=np.float32)[None, :, None, None],
        clips.points[number].shape,
    )
    for frames in (8, 32):  # fewer and more than the clip has
        for samples in (
            ClipSamples(clips, frames=frames, rgb_frames=4, training=True, seed=1),
            ClipSamples(clips, frames=frames, rgb_frames=4, view=1, views=3),
        ):
            drawn = samples[Key(number, 2)]["skeleton"][0, :, 0, 0]
            for part, taken in enumerate(clips.rgb.frames):
                assert taken in drawn[part * frames // 4 : (part + 1) * frames // 4]


def test_views_of_a_test_clip_differ_and_are_fixed(tmp_path):
    clips = load(write_stores(tmp_path))
    views = [ClipSamples(clips, frames=3, view=v, views=2)[Key(0)]["skeleton"] for v in (0, 1, 0)]
    assert not np.array_equal(views[0], views[1])
    np.testing.assert_array_equal(views[0], views[2])


def test_motion_sampling_prefers_moving_frames(tmp_path):
    clips = load(write_stores(tmp_path))
    length = int(clips.lengths[0])
    clips.energies, clips.points = list(clips.energies), list(clips.points)
    clips.energies[0] = np.zeros(length, np.float32)
    clips.energies[0][length // 2 :] = 1
    clips.points[0] = np.broadcast_to(
        np.arange(length, dtype=np.float32)[None, :, None, None], clips.points[0].shape
    )

    def late(sampling):
        samples = ClipSamples(clips, frames=8, training=True, sampling=sampling)
        drawn = [samples[Key(0, epoch)]["skeleton"][0, :, 0, 0] for epoch in range(20)]
        return np.mean(np.concatenate(drawn) >= length // 2)

    assert late("motion") > late("uniform") + 0.15


def orders(processes, **given):
    """One order of 11 clips in batches of 4 for each process."""
    return [
        EpochBatches(np.arange(11), 4, seed=1, process=process, processes=processes, **given)
        for process in range(processes)
    ]


def test_processes_share_every_batch():
    whole = list(EpochBatches(np.arange(11), 4, seed=1))
    one, two = orders(2)
    for step, batch in enumerate(whole):
        assert list(one)[step] == batch[0::2] and list(two)[step] == batch[1::2]
    assert [one.share(step) for step in (0, 2)] == [(4, 2, 2, 1), (3, 2, 2, 1)]
    assert [two.share(step) for step in (0, 2)] == [(4, 2, 2, 1), (3, 1, 1, 1)]


def test_who_has_fewer_clips_than_passes_takes_stand_ins():
    """The last batch of 3, in 4 processes, and one by one in 2: of those, the second one has 1."""
    whole = list(EpochBatches(np.arange(11), 4, seed=1))[-1]
    shares = [list(order)[-1] for order in orders(4)]
    assert [order.share(2) for order in orders(4)] == [(3, 1, 1, 1)] * 3 + [(3, 0, 1, 1)]
    assert [share[0] for share in shares[:3]] == whole
    assert shares[3] == [whole[0]._replace(counts=False)]
    shares = [list(order)[-1] for order in orders(2, micro_batch=1)]
    assert [order.share(2) for order in orders(2, micro_batch=1)] == [(3, 2, 2, 2), (3, 1, 2, 2)]
    assert shares[0] == whole[0::2] and shares[1] == [whole[1], whole[0]._replace(counts=False)]


def test_a_stand_in_weighs_nothing(tmp_path):
    samples = ClipSamples(load(write_stores(tmp_path)), frames=4, training=True)
    real, stand_in = samples[Key(3, 1, 2)], samples[Key(3, 1, 2, counts=False)]
    assert real["weight"] == 1 and stand_in["weight"] == 0
    assert stand_in["weight"].dtype == real["weight"].dtype == np.float32
    np.testing.assert_array_equal(real["skeleton"], stand_in["skeleton"])


def test_a_short_last_batch_can_be_dropped():
    order = EpochBatches(np.arange(11), 4, seed=1, drop_last=True)
    assert [len(batch) for batch in order] == [4, 4] and len(order) == 2
    assert list(order) == list(EpochBatches(np.arange(11), 4, seed=1))[:2]
    assert len(EpochBatches(np.arange(12), 4, drop_last=True)) == 3


def test_in_prediction_processes_take_whole_batches_in_turn():
    whole = list(EpochBatches(np.arange(11), 3, shuffle=False))
    assert [[key.clip for key in batch] for batch in whole] == [
        *([0, 1, 2], [3, 4, 5]),
        *([6, 7, 8], [9, 10]),
    ]
    for processes in (2, 3, 7):
        orders = [
            EpochBatches(np.arange(11), 3, shuffle=False, process=process, processes=processes)
            for process in range(processes)
        ]
        shares = [list(order) for order in orders]
        assert [len(order) for order in orders] == [len(share) for share in shares]
        for number, batch in enumerate(whole):
            assert shares[number % processes][number // processes] == batch


def test_repeats_and_balanced_draws():
    keys = [key for batch in EpochBatches(np.arange(3), 4, repeats=5, seed=0) for key in batch]
    assert np.bincount([key.clip for key in keys]).tolist() == [5, 5, 5]
    assert len({key.draw for key in keys}) == 15  # each with random numbers of its own
    weights = np.array([1 / 99] * 99 + [1.0])
    drawn = EpochBatches(np.arange(100), 10, repeats=10, seed=0, draw_weights=weights)
    share = np.mean([key.clip == 99 for batch in drawn for key in batch])
    assert 0.4 < share < 0.6


def test_empty_frames_are_skipped(tmp_path):
    clips = load(write_stores(tmp_path))
    number, length = 1, int(clips.lengths[1])
    clips.energies, clips.points = list(clips.energies), list(clips.points)
    points = np.broadcast_to(
        np.arange(1, length + 1, dtype=np.float32)[None, :, None, None], clips.points[number].shape
    ).copy()
    empty = np.array([0, 3, 4])
    points[:, empty] = 0
    clips.points[number] = points
    clips.energies[number] = np.ones(length, np.float32)
    for frames in (4, 40):  # fewer and more than the clip has
        for options in ({"training": True}, {"training": True, "sampling": "motion"}, {"views": 3}):
            samples = ClipSamples(clips, frames=frames, skip_empty=True, **options)
            drawn = samples[Key(number)]["skeleton"][0, :, 0, 0]
            assert drawn.all()
            if frames == 40:  # every frame with a person is played
                assert set(drawn - 1) == set(range(length)) - set(empty)
    plain = ClipSamples(clips, frames=length, training=True)[Key(number)]["skeleton"]
    assert (plain[0, :, 0, 0] == 0).sum() == len(empty)
    pictures = ClipSamples(clips, frames=8, rgb_frames=4, skip_empty=True, training=True)
    assert pictures[Key(number)]["rgb"].shape == (4, 16, 16, 3)
    clips.points[number] = points * 0  # nobody at all: all frames may come
    assert ClipSamples(clips, frames=8, skip_empty=True)[Key(number)]["skeleton"].shape[1] == 8
