"""Which joint or limb each input channel of somebody else's heatmap network stands for."""

from microgesture.heatmaps.limb_sets import LIMB_SETS, limb_names
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

SHOWN = 4  # names listed in a message


def channel_names(stream: str, layout: Layout, limbs: str = "bones") -> list:
    """A name for every channel of a heatmap stream: the joint, or the limb's two ends (a set: which
    end comes first does not matter)."""
    if stream == "joint_heatmap":
        return list(layout.joints)
    return [frozenset(pair) for pair in limb_names(layout, limbs)]


def channel_sources(old: list, new: list) -> list[int]:
    """For every name of `new` its place in `old`, -1 where there is none."""
    return [old.index(name) if name in old else -1 for name in new]


def check_channels(
    origin: str, channels: int, stream: str, source: Layout, limbs: str = "bones"
) -> None:
    """BadInput unless a heatmap network takes as many channels as `source` has joints or limbs."""
    expected = len(channel_names(stream, source, limbs))
    if channels == expected:
        return
    other = f" with limbs: {limbs}" if stream == "limb_heatmap" else ""
    sets = f" and source_limbs ({', '.join(LIMB_SETS)})" if stream == "limb_heatmap" else ""
    raise BadInput(
        f"{origin}: its first layer takes {channels} channels, {source.name} has {expected} for "
        f"{stream}{other}. A channel cannot be told from another without its name: write the "
        f"source_layout{sets} that the weights were trained on (checkpoints for 17 joints: coco17)"
    )


def find_source_limbs(origin: str, channels: int, source: Layout, given: str | None) -> str:
    """The limb set of a published checkpoint whose first layer takes `channels` channels.

    given: what `source_limbs` says; None: the one set that has as many limbs. Raises BadInput where
    no set or both sets have.
    """
    if given is not None:
        limb_names(source, given)
        return given
    fitting = [name for name in LIMB_SETS if len(limb_names(source, name)) == channels]
    if len(fitting) == 1:
        return fitting[0]
    sizes = ", ".join(
        f"{name} has {len(limb_names(source, name))}{f' in {source.name}' * (name == 'bones')}"
        for name in LIMB_SETS
    )
    raise BadInput(
        f"{origin}: its first layer takes {channels} limbs; {sizes}. Write the source_limbs and "
        "the source_layout that the weights were trained on (all limb checkpoints of PYSKL and "
        "MMAction2: source_limbs: pyskl17)"
    )


def describe_sources(sources: list[int], new: list) -> str:
    """What became of the channels, in words: how many by name, which ones got the mean."""
    unknown = [name for source, name in zip(sources, new) if source < 0]
    by_name = len(new) - len(unknown)
    if not unknown:
        return f"all {by_name} by name"
    names = [name if isinstance(name, str) else " to ".join(sorted(name)) for name in unknown]
    more = " ..." if len(names) > SHOWN else ""
    return (
        f"{by_name} by name, {len(unknown)} that the file does not know start from the mean of its "
        f"channels ({', '.join(names[:SHOWN])}{more})"
    )
