"""Take over published weights (PYSKL, MMAction2, torchvision) as a checkpoint of this workflow.

Each entry of `import_weights` in the config names a checkpoint by `file`, or by `url`, `sha256` and
`size`; a download is checked and kept under resources/weights/. The tensors are renamed, the first
layer's channels are matched to the keypoints of the layout by the names of joints or limbs, and the
classifier starts afresh for the classes of the label sheet, but for those that `source_labels`
names as the file's. A file that does not fit ends in a message that lists the first differing
layers. Nothing in a checkpoint is executed. docs/models.md lists the families of published files.
"""

from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.weights.download import fetch
from microgesture.weights.published import import_weights

KNOWN = {"model", "stream", "file", "url", "sha256", "size", "timeout", "dims", "persons"}
KNOWN |= {"source_layout", "limbs", "source_limbs", "model_options"}
KNOWN |= {"source_labels", "keep_classes"}


def import_published(
    checkpoint: str,
    metadata: str,
    *,
    name: str,
    settings: dict,
    layout: str,
    labels: list[str],
    folder: str = "resources/weights",
) -> list[str]:
    """Write the checkpoint and its metadata. Returns what was changed, in words.

    settings: model, stream, and file or url + sha256 (+ size); optional source_layout, limbs,
    source_limbs, dims, persons, model_options, timeout (seconds), source_labels (names of the
    file's classes, or a text file of them), and keep_classes (the file's own classes). folder:
    where downloads are kept. Raises BadInput.
    """
    unknown = sorted(set(settings) - KNOWN)
    missing = sorted({"model", "stream"} - set(settings))
    if unknown or missing:
        what = f"{unknown[0]} is unknown" if unknown else f"{missing[0]} is missing"
        raise BadInput(f"import_weights: {name}: {what}; it takes {', '.join(sorted(KNOWN))}")
    file, url = settings.get("file"), settings.get("url")
    if bool(file) == bool(url):
        raise BadInput(f"import_weights: {name}: write either file or url (with its sha256)")
    if url:
        file = fetch(
            url,
            folder,
            sha256=settings.get("sha256", ""),
            size=settings.get("size"),
            timeout=settings.get("timeout", 30),
        )
    return import_weights(
        file,
        checkpoint,
        metadata,
        model=settings["model"],
        stream=settings["stream"],
        layout=layout,
        labels=None if settings.get("keep_classes") else labels,
        source_labels=settings.get("source_labels"),
        source_layout=settings.get("source_layout"),
        limbs=settings.get("limbs", "bones"),
        source_limbs=settings.get("source_limbs"),
        dims=settings.get("dims", 2),
        persons=settings.get("persons", 1),
        options=settings.get("model_options"),
        name=name,
        url=url,
    )


if __name__ == "__main__":
    with job(snakemake):
        import_published(
            snakemake.output.checkpoint,
            snakemake.output.metadata,
            name=snakemake.wildcards.name,
            settings=snakemake.params.settings,
            layout=snakemake.params.layout,
            labels=list(snakemake.params.labels),
        )
