"""Take over published weights (PYSKL, MMAction2, torchvision) as a checkpoint of this workflow.

Each entry of `import_weights` in the config names a checkpoint by `file`, or by `url`, `sha256` and
`size`; a download is checked and kept under resources/weights/. The tensors are renamed, a first
layer is fitted to the keypoints of the layout, and the classifier starts afresh for the classes of
the label sheet. A file that does not fit ends in a message that lists the first differing layers.
Nothing in a checkpoint is executed.
"""

from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.weights.download import fetch
from microgesture.weights.published import import_weights


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

    settings: model, stream, and file or url + sha256 (+ size); optional source_layout, dims,
    persons, model_options, timeout (seconds), and keep_classes (the file's own classes). folder:
    where downloads are kept. Raises BadInput.
    """
    known = {"model", "stream", "file", "url", "sha256", "size", "source_layout", "dims"}
    known |= {"persons", "model_options", "timeout", "keep_classes"}
    unknown = sorted(set(settings) - known)
    missing = sorted({"model", "stream"} - set(settings))
    if unknown or missing:
        what = f"{unknown[0]} is unknown" if unknown else f"{missing[0]} is missing"
        raise BadInput(f"import_weights: {name}: {what}; it takes {', '.join(sorted(known))}")
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
        source_layout=settings.get("source_layout"),
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
