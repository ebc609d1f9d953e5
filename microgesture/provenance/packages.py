"""The packages that a job's numbers rest on, and their versions.

`python -m microgesture.provenance.packages` writes their table into docs/architecture.md.
"""

import importlib.metadata
from collections.abc import Collection
from functools import cache

from microgesture.provenance.code_digest import ROOT, code_digest, imported_packages

# Imported name -> the package that is installed. Another version of one of these may give other
# numbers; what only stores, draws or tells (pandas, h5py, matplotlib, tqdm, ...) cannot.
NUMERIC = {
    "accelerate": "accelerate",
    "av": "av",
    "cv2": "opencv-python",
    "decord": "decord",
    "mediapipe": "mediapipe",
    "mmengine": "mmengine",
    "mmpose": "mmpose",
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "torch": "torch",
    "torchvision": "torchvision",
}
MARKS = ("<!-- packages -->", "<!-- end of packages -->")
# What those bring along unseen by an import of ours.
BROUGHT_ALONG = {"mmpose": ("mmcv-lite", "mmdet")}


def numeric_packages(*files: str, without: Collection[str] = ()) -> list[str]:
    """Names of the packages that the numbers of `files` (as in `code_digest`) rest on, sorted."""
    found = imported_packages(*files, without=without) & set(NUMERIC)
    brought = {package for name in found for package in BROUGHT_ALONG.get(name, ())}
    return sorted({NUMERIC[name] for name in found} | brought)


@cache
def installed_version(package: str) -> str:
    """The version that is installed, "none" where it is not. A build's suffix (+cpu) is left out:
    the same pin serves CPU and CUDA."""
    try:
        return importlib.metadata.version(package).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return "none"


def versions(*files: str, without: Collection[str] = ()) -> dict[str, str]:
    """Package -> installed version, of the packages that the numbers of `files` rest on."""
    return {name: installed_version(name) for name in numeric_packages(*files, without=without)}


@cache
def code_and_packages(rule: str, *models: str, without: tuple[str, ...] = ()) -> dict:
    """{"code": digest, "packages": {name: version}} of a rule's script.

    models: networks that the configuration names (files of microgesture/models). without: see
    `code_digest`.
    """
    files = (f"scripts/{rule}.py", *(f"microgesture/models/{model}.py" for model in models))
    return {
        "code": code_digest(*files, without=without),
        "packages": versions(*files, without=without),
    }


def packages_table() -> str:
    """A Markdown table: every rule's script and the packages that its numbers rest on."""
    scripts = sorted((ROOT / "scripts").glob("*.py"))
    rows = [
        f"| {script.stem} | {', '.join(numeric_packages(f'scripts/{script.name}')) or 'none'} |"
        for script in scripts
    ]
    return "\n".join(["| rule | packages |", "|---|---|", *rows])


def main() -> None:
    """Write the table between its marks."""
    page = ROOT / "docs" / "architecture.md"
    head, _, rest = page.read_text(encoding="utf-8").partition(MARKS[0])
    tail = rest.partition(MARKS[1])[2]
    text = f"{head}{MARKS[0]}\n\n{packages_table()}\n\n{MARKS[1]}{tail}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
