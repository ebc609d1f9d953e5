"""Every container, codec and cut of `cut_videos`, read in every way; the table of docs/videos.md.

    make fuzz-videos        (or: python -m tests.videos.fuzz_videos --page docs/videos.md)

Some hundred videos of three seconds, a quarter of an hour on one core. Ends with status 1 where one
is read wrongly, or refused without a command that mends it. Words after the options choose cases
whose name holds one of them: python -m tests.videos.fuzz_videos avi- h264-trimmed
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.videos.cut_videos import CONTAINERS, CUTS, Case, every_case, make
from tests.videos.judging import Verdict, judge

MARKS = ("<!-- table of tests/videos/fuzz_videos.py -->", "<!-- end of table -->")


def run(cases: list[Case], folder: Path) -> list[Verdict]:
    """The verdicts, each said as soon as it is known."""
    verdicts = []
    for case in cases:
        try:
            path = make(case, folder)
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            verdict = Verdict(case, "not made", "", said[-1] if said else "ffmpeg failed")
        else:
            try:
                verdict = judge(case, path)
            except Exception as error:  # one broken case must not hide the others
                verdict = Verdict(case, "WRONG", "", repr(error))
        print(f"{verdict.outcome:8} {case}: {verdict.reader} {verdict.detail}", flush=True)
        verdicts.append(verdict)
    return verdicts


def page(verdicts: list[Verdict]) -> str:
    """The table, one row a container and codec, and why whole files were refused."""
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()
    made = [verdict for verdict in verdicts if verdict.outcome != "not made"]
    count = {name: sum(v.outcome == name for v in made) for name in ("right", "refused", "WRONG")}
    unreadable = sum(v.detail.startswith("not a readable video") for v in made)
    lines = [
        f"{len(made)} videos made by ffmpeg {version[2]}: {count['right']} right in every reader, "
        f"{count['refused']} refused by all of them, {count['WRONG']} wrong. {unreadable} of the refused "
        "have no header left, so that only a new copy helps; the others come with the command that "
        "mends them, which was run.",
        "",
        "| container, codec | " + " | ".join(cut.replace("_", " ") for cut in CUTS) + " |",
        "| --- " * (len(CUTS) + 1) + "|",
    ]
    found = {(v.case.suffix, v.case.codec, v.case.cut): v for v in made}
    for suffix, (_, codecs) in CONTAINERS.items():
        for codec in codecs.split():
            cells = [_cell(found.get((suffix, codec, cut))) for cut in CUTS]
            lines.append(f"| {suffix}, {codec} | " + " | ".join(cells) + " |")
    lines += ["", "Refused although nothing was spoiled:", ""]
    healthy = ("whole", "trimmed", "late", "negative", "variable", "joined")
    lines += [
        f"- {v.case}: {v.detail}" for v in made if v.outcome == "refused" and v.case.cut in healthy
    ]
    return "\n".join(lines)


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return f"right ({verdict.reader})" if verdict.outcome == "right" else verdict.outcome


def into_page(path: Path, table: str) -> None:
    """Replace what stands between the page's two marks."""
    text = path.read_text(encoding="utf-8")
    head, begin, rest = text.partition(MARKS[0])
    _, end, tail = rest.partition(MARKS[1])
    if not begin or not end:
        raise SystemExit(f"{path}: the marks {MARKS[0]} and {MARKS[1]} are missing")
    path.write_text(f"{head}{begin}\n\n{table}\n\n{end}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", type=Path, help="the page whose table is replaced")
    parser.add_argument(
        "--folder", type=Path, help="where the videos stay; else removed at the end"
    )
    parser.add_argument("words", nargs="*", help="only cases whose name holds one of them")
    given = parser.parse_args()
    cases = [case for case in every_case() if not given.words or _named(case, given.words)]
    with tempfile.TemporaryDirectory() as temporary:
        verdicts = run(cases, given.folder or Path(temporary))
    if given.page:
        into_page(given.page, page(verdicts))
    wrong = [verdict for verdict in verdicts if verdict.outcome == "WRONG"]
    missing = sum(verdict.outcome == "not made" for verdict in verdicts)
    print(f"{len(verdicts) - missing} videos, {len(wrong)} wrong, {missing} not made here")
    sys.exit(bool(wrong))


def _named(case: Case, words: list[str]) -> bool:
    return any(word in str(case) for word in words)


if __name__ == "__main__":
    main()
