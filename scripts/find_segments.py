"""From the members' windows to the segments of a batch's whole videos.

Every frame gets a probability of each class and of background; the decoder that was chosen on
validation makes segments of them. Where nobody is seen there is no segment.

Output: frames (store of the probabilities of all frames, background last) and segments (video,
start, end in frames, inclusive; label; confidence = probability of being right; second,
second_confidence, margin; familiar = share of the validation people's frames that are as strange:
below .01 the confidence falls with it, for footage of another kind; uncertain = yes where the
confidence is below the threshold for the wished error). See microgesture/segments/segment_table.py.
"""

from tqdm import tqdm

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.segments.segmenter import load_segmenter
from microgesture.stores.frames import write_frames
from microgesture.stores.windows import list_windows, read_windows


def find_segments(
    windows: dict[str, str], heads: str, segmenter: str, frames: str, segments: str
) -> None:
    """Write both. windows: member -> its store of the batch."""
    fitted = load_segmenter(heads, segmenter)
    probabilities, fps, present, distances = {}, {}, {}, {}
    videos = list_windows(next(iter(windows.values())))
    for video in tqdm(videos, unit="video", desc="find_segments", mininterval=1):
        members = {name: read_windows(path, video) for name, path in windows.items()}
        probabilities[video] = fitted.frame_probabilities(members)
        distances[video] = fitted.frame_distances(members)
        one = members[fitted.members[0]]
        fps[video], present[video] = one.fps, one.present
    table, _ = fitted.segments(probabilities, fps, present, distances)
    write_frames(frames, ((v, probabilities[v], present[v], fps[v]) for v in videos))
    with written_whole(segments) as temporary:
        table.to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        find_segments(
            dict(zip(snakemake.params.members, map(str, snakemake.input.windows))),
            str(snakemake.input.heads),
            str(snakemake.input.segmenter),
            str(snakemake.output.frames),
            str(snakemake.output.segments),
        )
