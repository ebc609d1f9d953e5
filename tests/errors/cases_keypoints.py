"""Messages about keypoints of other tools, and layouts of one's own."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import yaml

from microgesture.importers import deeplabcut, mediapipe, mmpose, openpose, sleap
from microgesture.importers.examination import examined, fitted
from microgesture.importers.recordings import Options, Picture
from microgesture.pose.layout_files import read_layout_file
from microgesture.stores.sequences import Sequence
from tests.errors.case import Case
from tests.importers import test_deeplabcut, test_mediapipe, test_mmpose, test_sleap
from tests.pose.test_joint_order import body
from tests.pose.test_layout_files import GOOD
from tests.pose.test_plausibility import points

CHAPTER = "Keypoints of other tools, and layouts"
PICTURE = Picture(640, 480, 25.0)


def of_openpose(text: str) -> Callable[[Path], object]:
    """A folder of two frames, the second with this text."""

    def ask(folder: Path) -> object:
        (folder / "talk_000000000000_keypoints.json").write_text('{"people": []}')
        (folder / "talk_000000000001_keypoints.json").write_text(text)
        (frames,) = openpose.find_recordings([str(folder)]).values()
        return openpose.read_recording(frames, PICTURE, Options(out=""))

    return ask


def without_numbers(folder: Path) -> object:
    (folder / "json").mkdir()
    (folder / "json" / "picture.json").write_text("{}")
    return openpose.find_recordings([str(folder / "json")])


def of_mediapipe(
    change: Callable[[pd.DataFrame], pd.DataFrame], picture: Picture = PICTURE
) -> Callable[[Path], object]:
    """A table of the body's landmarks with a change."""

    def ask(folder: Path) -> object:
        change(test_mediapipe.body()[0]).to_csv(folder / "talk.csv", index=False)
        return mediapipe.read_recording([folder / "talk.csv"], picture, Options(out=""))

    return ask


def of_deeplabcut(point: str, *rows: tuple, layout: str | None = None) -> Callable[[Path], object]:
    """A table of one point."""

    def ask(folder: Path) -> object:
        path = test_deeplabcut.write_csv(folder, point, rows or ((0, 1, 2, 0.9),))
        return deeplabcut.read_recording(path, PICTURE, Options(out="", layout=layout))

    return ask


def of_sleap(folder: Path) -> object:
    """Nodes of one's own and a layout file that is not there yet."""
    path = folder / "talk.analysis.h5"
    path.write_bytes(gzip.decompress((test_sleap.FILES / "sleap_matlab.h5.gz").read_bytes()))
    return sleap.read_recording(path, PICTURE, Options(out="", layout=str(folder / "mine.yaml")))


def project_of_sleap(folder: Path) -> object:
    with h5py.File(folder / "talk.slp.h5", "w") as file:
        file["instances"] = np.zeros(2)
    return sleap.read_analysis(folder / "talk.slp.h5")


def of_mmpose(content) -> Callable[[Path], object]:
    """A file of predictions."""

    def ask(folder: Path) -> object:
        (folder / "talk.json").write_text(json.dumps(content))
        return mmpose.read_recording(folder / "talk.json", PICTURE, Options(out=""))

    return ask


def looked_at(values: np.ndarray, layout: str, size: tuple[int, int]) -> Callable[[Path], object]:
    """The look at a sequence before it is stored."""
    one = Sequence(values.astype(np.float32), np.ones(values.shape[1], bool), layout, *size, 25.0)
    return lambda folder: list(examined([("talk", one)], folder / "json"))


def short(folder: Path) -> object:
    one = Sequence(points(10, 300), np.ones(10, bool), "coco17", 640, 480, 25.0)
    return fitted(one, 12, f"talk ({folder / 'talk.mp4'})")


def layout(**changes) -> Callable[[Path], object]:
    """A layout file with changes."""

    def ask(folder: Path) -> object:
        (folder / "mine.yaml").write_text(yaml.safe_dump({**GOOD, **changes}))
        return read_layout_file(str(folder / "mine.yaml"))

    return ask


instance = test_mmpose.instance
CASES = [
    Case("OpenPose: a damaged file", of_openpose("{")),
    Case("OpenPose: other points of a body", of_openpose('{"people": [{"face_keypoints_2d": [1, 2, 0.5]}]}')),
    Case("OpenPose: files without the number of a frame", without_numbers),
    Case("MediaPipe: a cell that is no number", of_mediapipe(lambda table: table.assign(X_NOSE="left"))),
    Case("MediaPipe: a frame twice", of_mediapipe(lambda table: table.assign(frame=[0, 1, 2, 3, 4, 5, 6, 6]))),
    Case("MediaPipe: a table without landmarks", of_mediapipe(lambda table: table[[]].assign(a=1, b=2))),
    Case("MediaPipe: points in space", of_mediapipe(lambda table: table.add_prefix("world_"))),
    Case("MediaPipe: pictures of unknown size", of_mediapipe(lambda table: table, Picture())),
    Case("DeepLabCut: a cell too few", of_deeplabcut("nose", (0, 1, 2, 0.9), (1, 1, 2), layout="coco17")),
    Case("DeepLabCut: pictures instead of frames", of_deeplabcut("nose", ("labeled-data/v/img1.png", 1, 2, 0.9), layout="coco17")),
    Case("DeepLabCut: points with names of one's own", of_deeplabcut("tailbase")),
    Case("DeepLabCut: no point of the layout", of_deeplabcut("tail", layout="coco17")),
    Case("SLEAP: a layout file that is not there yet", of_sleap),
    Case("SLEAP: a project instead of an analysis file", project_of_sleap),
    Case("mmpose: a single picture", of_mmpose([instance(17)])),
    Case("mmpose: points without names", of_mmpose([{"frame_id": 0, "instances": [instance(21)]}])),
    Case("mmpose: nobody in any frame", of_mmpose([{"frame_id": 0, "instances": []}])),
    Case("Other frames than the video's", short),
    Case("Shares of the picture instead of pixels", looked_at(points(0.2, 0.8, joints=17), "coco17", (640, 480))),
    Case("A score in the place of a depth", looked_at(points((100, 50, 0), (900, 700, 1), dims=3, joints=20), "msr20", (0, 0))),
    Case("Width and height exchanged", looked_at(points((50, 50), (1000, 1800), joints=17), "coco17", (1920, 1080))),
    Case("Joints in another order", looked_at(body("kinect20"), "msr20", (0, 0))),
    Case("A layout with a joint that hangs on nothing", layout(edges=GOOD["edges"][:3])),
    Case("A layout with several mistakes", layout(center="x", edges=GOOD["edges"][:3], pairs=[])),
]  # fmt: skip
