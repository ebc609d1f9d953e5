"""The keypoint layout of a checkpoint, in a bundle too."""

from pathlib import Path

# Here and not among the other names (contents.py), so that predictions rest on these two alone.
LAYOUT = "layout.yaml"
MANIFEST = "bundle.json"


def layout_of(facts: dict, metadata: str | Path) -> str:
    """The layout that a checkpoint was trained on, as `get_layout` takes it.

    facts: its metadata; metadata: their file. A member of a bundle names a layout file as it is
    called there: it lies in the bundle's folder, wherever that is.
    """
    folder = Path(metadata).parent.parent.parent
    name, _, digest = facts["layout"].partition("#")
    if name == LAYOUT and (folder / MANIFEST).is_file():
        return f"{folder / LAYOUT}#{digest}"
    return facts["layout"]
