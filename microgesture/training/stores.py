"""The clips that the streams of a network need, from the files of the batches."""

from collections.abc import Collection

from microgesture.datasets.clips import Clips, load_clips


def load_stores(
    stores: dict[str, list[str]],
    streams: tuple[str, ...],
    settings: dict,
    layout: str,
    splits: tuple[str, ...],
    extra: Collection[str] = frozenset(),
) -> Clips:
    """The clips of some splits, and those named in `extra`. stores: "clips", "skeletons",
    "saliency", "rgb", files of the batches each. See `load_clips`."""
    return load_clips(
        stores["clips"],
        stores["skeletons"],
        stores["saliency"],
        stores["rgb"],
        layout=layout,
        splits=splits,
        use_skeletons=any(stream != "rgb" for stream in streams),
        use_rgb="rgb" in streams,
        persons=settings["persons"],
        facing=settings["facing"],
        cache_megabytes=settings["cache_megabytes"],
        extra=extra,
    )
