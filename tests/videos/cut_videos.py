"""Videos in many containers and codecs, cut and damaged as people and cameras do it (by ffmpeg)."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.videos.barcode import HEIGHT, WIDTH, draw

FRAMES, RATE = 72, 25
_H264 = "-c:v libx264 -preset veryfast -crf 20 -g 24 -pix_fmt yuv420p"

# name of the codec in a case: how ffmpeg writes it
CODECS = {
    "h264": f"{_H264} -bf 2",
    "h264_plain": f"{_H264} -bf 0",
    "h264_open_gop": f"{_H264} -bf 3 -x264-params open-gop=1:b-pyramid=normal",
    "h264_refresh": f"{_H264} -bf 0 -x264-params intra-refresh=1",
    "h264_interlaced": f"{_H264} -bf 2 -flags +ilme+ildct -x264-params tff=1",
    "hevc": "-c:v libx265 -preset ultrafast -crf 22 -x265-params log-level=error:keyint=24:bframes=3 -pix_fmt yuv420p",
    "mpeg4": "-c:v mpeg4 -q:v 2 -bf 2 -g 12",
    "mpeg4_plain": "-c:v mpeg4 -q:v 2 -bf 0 -g 12",
    "xvid": "-c:v libxvid -q:v 2 -bf 2 -g 12",
    "mpeg2": "-c:v mpeg2video -q:v 2 -bf 2 -g 12",
    "mpeg1": "-c:v mpeg1video -q:v 2 -bf 2 -g 12",
    "msmpeg4v2": "-c:v msmpeg4v2 -q:v 5 -g 12",
    "msmpeg4v3": "-c:v msmpeg4 -q:v 5 -g 12",
    "wmv1": "-c:v wmv1 -q:v 5 -g 12",
    "wmv2": "-c:v wmv2 -q:v 5 -g 12",
    "vp8": "-c:v libvpx -b:v 2M -deadline realtime -cpu-used 8 -g 24 -auto-alt-ref 0",
    "vp8_alt": "-c:v libvpx -b:v 2M -deadline good -cpu-used 5 -g 24 -auto-alt-ref 1 -lag-in-frames 16",
    "vp9": "-c:v libvpx-vp9 -b:v 2M -deadline realtime -cpu-used 8 -g 24",
    "vp9_alt": "-c:v libvpx-vp9 -b:v 2M -deadline good -cpu-used 5 -g 24 -auto-alt-ref 1 -lag-in-frames 16",
    "av1": "-c:v libsvtav1 -preset 10 -crf 12 -g 24",
    "mjpeg": "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p",
    "flv1": "-c:v flv -q:v 5 -g 12",
    "h263": "-c:v h263 -q:v 5 -g 12",
    "theora": "-c:v libtheora -q:v 8 -g 12",
    "prores": "-c:v prores_ks -profile:v 0",
    "ffv1": "-c:v ffv1 -pix_fmt yuv420p",
    "huffyuv": "-c:v huffyuv",
    "raw": "-c:v rawvideo -pix_fmt yuv420p",
}

# suffix: muxer and the codecs that are met in it
CONTAINERS = {
    "mp4": ("mp4", "h264 h264_open_gop h264_refresh h264_interlaced hevc mpeg4 vp9 av1"),
    "mov": ("mov", "h264 hevc mpeg4 mjpeg prores"),
    "3gp": ("3gp", "h263 h264_plain"),
    "mkv": ("matroska", "h264 hevc mpeg4 mpeg2 vp8_alt mjpeg ffv1"),
    "webm": ("webm", "vp8 vp9 vp9_alt av1"),
    "avi": ("avi", "h264 mpeg4 mpeg4_plain xvid mjpeg msmpeg4v2 msmpeg4v3 raw"),
    "ts": ("mpegts", "h264 h264_open_gop hevc mpeg2"),
    "m2ts": ("mpegts", "h264"),
    "mpg": ("mpeg", "mpeg1 mpeg2 h264"),
    "vob": ("vob", "mpeg2"),
    "wmv": ("asf", "wmv1 wmv2 msmpeg4v3"),
    "flv": ("flv", "h264 flv1"),
    "ogv": ("ogg", "theora"),
    "h264": ("h264", "h264"),
    "hevc": ("hevc", "hevc"),
    "m4e": ("m4v", "mpeg4_plain"),
}
CUTS = ("whole", "trimmed", "late", "negative", "variable", "damaged", "wiped", "cut_short",
        "joined", "appended", "headless")  # fmt: skip
# No time stamps of their own, so nothing to shift, and no index to cut with.
_RAW = ("h264", "hevc", "m4e")


@dataclass(frozen=True)
class Case:
    """A container (suffix), a codec and a cut."""

    suffix: str
    codec: str
    cut: str

    def __str__(self):
        return f"{self.suffix}-{self.codec}-{self.cut}"


def every_case() -> list[Case]:
    """All combinations that can be made."""
    cases = []
    for suffix, (_, codecs) in CONTAINERS.items():
        for codec in codecs.split():
            for cut in CUTS:
                if suffix in _RAW and cut in ("trimmed", "late", "negative", "variable", "joined"):
                    continue
                if cut == "variable" and codec in ("mpeg1", "mpeg2", "theora", "xvid"):
                    continue  # these codecs know only a list of rates, or none beside one
                if cut in ("appended", "headless") and suffix not in ("ts", "m2ts", "mpg", *_RAW):
                    continue  # such files cannot be joined, or begun, byte by byte
                cases.append(Case(suffix, codec, cut))
    return cases


def time_of(case: Case, number: int) -> float:
    """Seconds at which frame `number` was drawn: even, or uneven with pauses."""
    if case.cut != "variable":
        return number / RATE
    return (40 * number + 15 * (number % 3) + 200 * (number // 20)) / 1000


def make(case: Case, folder: Path) -> Path:
    """Make the video; returns its path. Raises subprocess.CalledProcessError where ffmpeg cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    muxer = CONTAINERS[case.suffix][0]
    path = folder / f"{case}.{case.suffix}"
    source = folder / f"source-{case.suffix}-{case.codec}.{case.suffix}"
    if case.cut == "variable":
        uneven = "setpts=(40*N+15*mod(N\\,3)+200*floor(N/20))/1000/TB"
        _encode(path, muxer, [*CODECS[case.codec].split(), "-vf", f"settb=1/1000,{uneven}",
                              "-fps_mode", "passthrough", "-enc_time_base", "1:1000"])  # fmt: skip
        return path
    if not source.exists():
        _encode(source, muxer, CODECS[case.codec].split())
    copy = ["-c", "copy", "-f", muxer]
    if case.cut == "whole":
        shutil.copy(source, path)
    elif case.cut == "trimmed":
        _ffmpeg("-ss", "0.62", "-i", source, *copy, "-t", "1.6", path)
    elif case.cut == "late":
        _ffmpeg("-i", source, *copy, "-output_ts_offset", "3.2", path)
    elif case.cut == "negative":
        _ffmpeg("-i", source, *copy, "-output_ts_offset", "-0.52", "-avoid_negative_ts", "0", path)
    elif case.cut == "joined":
        listing = folder / f"{case}.txt"
        listing.write_text(f"file '{source}'\nfile '{source}'\n")
        _ffmpeg("-f", "concat", "-safe", "0", "-i", listing, *copy, path)
    else:
        path.write_bytes(_spoiled(source.read_bytes(), case.cut))
    return path


def _spoiled(data: bytes, cut: str) -> bytes:
    length, middle = len(data), len(data) // 2
    if cut == "damaged":  # a piece overwritten with noise
        noise = bytes(37 * n % 251 for n in range(length // 40))
        return data[:middle] + noise + data[middle + len(noise) :]
    if cut == "wiped":  # a piece that was never written
        empty = bytes(min(length // 10, 6000))
        return data[:middle] + empty + data[middle + len(empty) :]
    if cut == "cut_short":
        return data[: length * 7 // 10]
    if cut == "appended":
        return data + data
    return data[length // 5 // 188 * 188 :]  # headless: a recording switched on in its middle


def _encode(path: Path, muxer: str, arguments: list[str]) -> None:
    frames = b"".join(draw(number).tobytes() for number in range(FRAMES))
    _ffmpeg("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", RATE,
            "-i", "-", *arguments, "-f", muxer, path, data=frames)  # fmt: skip


def _ffmpeg(*arguments, data: bytes | None = None) -> bytes:
    command = ["ffmpeg", "-v", "error", "-y", "-threads", "1", *map(str, arguments)]
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout
