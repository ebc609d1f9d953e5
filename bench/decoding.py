"""The decode stage against one sequential decord pass; cached crops against the original video;
what the frame index costs."""

import tempfile
from pathlib import Path

import av
import decord
import numpy as np
import pandas as pd

from bench.timing import measure, medians, table
from microgesture.stores.rgb import RgbStore
from microgesture.videos.decoding import forget_indexes, index_frames
from microgesture.videos.index_store import write_frame_indexes
from microgesture.videos.numbering import number_frames
from scripts.decode_rgb import decode_rgb


def bench_decoding(frames=300, repeats=5):
    """Lines of the report. Videos are made on the spot: panning noise and a wandering square."""
    rows, lines = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for width, height, size in ((640, 360, 112), (1280, 720, 224)):
            video = make_video(folder / f"{height}.mp4", width, height, frames)
            for label, spans in _plans(frames):
                inputs = _tables(folder, video, width, height, spans)
                settings = {"size": size, "frames_per_clip": 32}
                taken = measure(
                    {
                        "decord": lambda video=video: sequential_pass(video),
                        "stage": lambda inputs=inputs, settings=settings: decode_rgb(
                            *inputs[:5], settings, frame_indexes=inputs[5]
                        ),
                    },
                    repeats,
                )
                (peer, peer_processor), (ours, processor) = taken["decord"], taken["stage"]
                rows.append(
                    [f"{height}p, {label}", f"{peer:.0f}", f"{ours:.0f}", f"{ours / peer:.2f}x"]
                    + [f"{processor / peer_processor:.2f}x"]
                )
        store = RgbStore(inputs[4])
        clip = store.clips()[0]
        start = spans[0][1]
        chosen = (start + store.positions(clip)).tolist()
        taken = medians(
            {"decord": lambda: random_access(video, chosen), "cached": lambda: store.read(clip)},
            repeats,
        )
        store.close()
        numbering = _numbering(video, frames, repeats)
    header = [f"{frames} frames", "one decord pass ms", "decode_rgb, whole stage ms", "ratio"]
    header.append("ratio of processor time")
    lines += table(header, rows)
    lines += [
        "",
        "Reading the 32 crops of a clip, 224 x 224, against decord from the 720p video:",
        "",
    ]
    ratio = taken["decord"] / taken["cached"]
    lines += table(
        ["decord, original ms", "cached crops ms", "ratio"],
        [[f"{taken['decord']:.0f}", f"{taken['cached']:.2f}", f"{ratio:.0f}x"]],
    )
    return lines + numbering


def _numbering(video, frames, repeats):
    """Lines on the pass that numbers a video, made once a video before everything else."""

    def index():
        forget_indexes()
        index_frames(video)

    taken = measure({"index": index, "pass": lambda: number_frames(video)}, repeats)
    rows = []
    for name, what in (("pass", "numbering pass"), ("index", "with the check of decord")):
        processor = taken[name][1] / frames
        rows.append([what, f"{processor:.2f}", f"{108 * processor:.0f}"])
    return [
        "",
        f"The frame index of the 720p video, {frames} frames (processor time; the check costs the "
        "same for a longer video):",
        "",
        *table(["", "ms a frame", "s for an hour at 30 frames/s"], rows),
    ]


def _plans(frames):
    """Clips one after the other that cover everything, and overlapping ones with gaps."""
    covering = [(f"c{n}", 32 * n, min(32 * n + 31, frames - 1)) for n in range(-(-frames // 32))]
    yield "clips over every frame", covering
    spans = [(f"o{n}", 40 * n, min(40 * n + 59, frames - 1)) for n in range(frames // 40)]
    yield "overlapping clips of 60 frames", spans


def _tables(folder, video, width, height, spans):
    """Facts, spans, videos, boxes, the store that the stage writes, the frame indexes."""
    names = ("videos", "clips", "saliency", "rgb.h5", "index.h5")
    paths = [str(folder / name) for name in names]
    write_frame_indexes(paths[4], [("v", index_frames(video))])
    side = 0.9 * height
    left, top = width / 2 - side / 2, height * 0.05
    pd.DataFrame([["v", str(video), "ok"]], columns=["video", "path", "status"]).to_parquet(
        paths[0]
    )
    columns = ["clip", "video", "batch", "start", "end"]
    pd.DataFrame([[c, "v", "b0", s, e] for c, s, e in spans], columns=columns).to_parquet(paths[1])
    columns = ["clip", "x0", "y0", "x1", "y1"]
    rows = [[clip, left, top, left + side, top + side] for clip, _, _ in spans]
    pd.DataFrame(rows, columns=columns).to_parquet(paths[2])
    return [*paths[:2], ["v"], *paths[2:]]


def make_video(path, width, height, frames):
    """An h264 video with a key frame every 60 frames, B-frames, some grain."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (height // 8, width // 8 + frames, 3), dtype=np.uint8)
    ground = np.kron(coarse, np.ones((8, 8, 1), dtype=np.uint8))
    grain = generator.integers(0, 12, (height, width, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 60
        stream.options = {"preset": "veryfast", "crf": "23"}
        for number in range(frames):
            image = ground[:, number : number + width] // 2 + np.roll(grain, number, axis=0)
            left = 3 * number % (width - 80)
            image[height // 3 : height // 3 + 80, left : left + 80] = 240
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def sequential_pass(video):
    """Every frame into an array, one after the other, one decoder thread."""
    reader = decord.VideoReader(str(video), num_threads=1)
    for _ in range(len(reader)):
        reader.next().asnumpy()


def random_access(video, indices):
    """The frames at `indices` from a newly opened reader."""
    return decord.VideoReader(str(video), num_threads=1).get_batch(indices).asnumpy()
