"""Draw how far apart the classes lie for the fusion network: the distances of its prototypes.

Each branch keeps a prototype per class, a running mean of the embeddings of rightly recognised
training clips (P1; microgesture/losses/prototype.py). Classes that lie close are those that the
network is likely to take for one another.
"""

import json
from pathlib import Path

from safetensors.numpy import load_file

from microgesture.figures.prototypes import cosine_distances, draw_prototypes
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job

KEY = "losses.prototype."


def plot(checkpoint: str, metadata: str, figure: str, labels: list[list[str]]) -> None:
    """Write the figure; labels: name and group of each class. BadInput without prototypes."""
    weights = load_file(checkpoint)
    about = json.loads(Path(metadata).read_text(encoding="utf-8"))
    branches = sorted(name for name in weights if name.startswith(KEY) and "prototypes" in name)
    if not branches:
        raise BadInput(
            f"{checkpoint}: holds no prototypes; train with a prototype_loss: weight above 0"
        )
    distances = {}
    for name, stream in zip(branches, about["streams"], strict=True):
        known = weights[name.replace("prototypes", "known")]
        distances[stream.replace("_", " ")] = cosine_distances(weights[name], known)
    names, groups = [name for name, _ in labels], [group for _, group in labels]
    title = "How far apart the fusion network sees the classes"
    draw_prototypes(distances, names, figure, groups, title)


if __name__ == "__main__":
    with job(snakemake):
        plot(
            snakemake.input.checkpoint,
            snakemake.input.metadata,
            snakemake.output.figure,
            labels=list(snakemake.params.labels),
        )
