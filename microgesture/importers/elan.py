"""Import ELAN annotation files (.eaf).

    python -m microgesture.importers.elan FILES... --out sheets/mine --split 0.7,0.15,0.15

A tier's annotations become clips: the value is the class, the participant the subject (or what
stands behind "@" in the name of a template tier). Without --tiers those tiers are taken that have
a controlled vocabulary, or else all that stand on their own. See docs/annotations.md.
"""

import argparse
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from microgesture.importers.annotation_command import add_options, run
from microgesture.importers.annotations import Annotation, AnnotationTable, Recording
from microgesture.importers.elan_document import Document, RawAnnotation, Tier, read_document
from microgesture.importers.elan_tiers import (
    choose_tiers,
    group_names,
    plain_base,
    read_remarks,
    subject_of,
)
from microgesture.importers.elan_times import Times
from microgesture.importers.media_files import is_video, plain_path
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest


def read_elan(
    path: str | Path,
    tiers: Sequence[str] = (),
    class_from: str = "value",
    subject_from: str = "",
    language: str = "",
    media: str = "",
    empty: str = "stop",
    vocabulary: str = "check",
) -> AnnotationTable:
    """What one .eaf file holds.

    tiers: names or patterns (gesture*), of whole names or of what stands before "@". class_from:
    "value", "tier" (the value is then a comment) or "both" ("hand: up"). subject_from: "" = the
    participant, or else what stands behind "@"; "participant" or "tier" = that alone. language: of
    a vocabulary in several languages ("" = its first). media: pattern for the video to take ("" =
    the first). empty: "stop" or "leave_out" annotations without a value. vocabulary: "check" or
    "ignore".
    Raises BadInput where the file is none of ELAN's; other faults are in the table's problems.
    """
    document = read_document(path)
    table = AnnotationTable(notes=document.notes, problems=document.problems)
    recording, origin = _choose_medium(document, media)
    table.recordings.append(recording)
    chosen = choose_tiers(document, tiers)
    times = Times(document)
    remarks = read_remarks(document, chosen)
    groups = group_names(chosen, class_from)
    homes: dict[str, set[str]] = {}
    for tier in chosen:
        subject, base = subject_of(document, tier, subject_from), plain_base(tier.base)
        words = _vocabulary_words(tier, language)
        _tell_vocabulary(document, tier)
        if class_from != "tier":
            for word, description in words.items():
                name = _class_name(class_from, base, word)
                facts = {"description": description, "group": groups[tier.name]}
                table.facts.setdefault(name, facts)
            _check_values(document, tier, empty)
        for raw in tier.annotations:
            word = _value(tier, raw, language)
            if not word and class_from != "tier":
                continue
            if class_from != "tier" and vocabulary == "check":
                _check_word(document, tier, raw, word, words)
            name = _class_name(class_from, base, word)
            homes.setdefault(name, set()).add(base)
            table.facts.setdefault(name, {"description": "", "group": groups[tier.name]})
            said = remarks.get(raw.id, {})
            if class_from == "tier" and word:
                said = {"comment": word} | said
            span = _span(document, tier, raw, times, origin)
            if span is not None:
                place = f"{document.path}, tier {tier.name!r}, annotation {raw.id}"
                point = span[0] == span[1]
                table.annotations.append(
                    Annotation(recording, subject, name, *span, point, place=place, **said)
                )
    for name, bases in homes.items():
        if len(bases) > 1:
            document.notes.append(
                f"{document.path}: {name!r} stands in the tiers {', '.join(sorted(bases))} and is "
                f"taken as one class; to keep them apart: --class-from both"
            )
    return table


def _class_name(class_from: str, base: str, word: str) -> str:
    return {"value": word, "tier": base, "both": f"{base}: {word}"}[class_from]


def _tell_vocabulary(document: Document, tier: Tier) -> None:
    if tier.vocabulary and not tier.vocabulary.known:
        document.notes.append(
            f"{document.path}, tier {tier.name!r}: its vocabulary lies in another file "
            f"({tier.vocabulary.source}), the words are taken as written. To have them "
            f"checked, put that file beside the .eaf"
        )


def _choose_medium(document: Document, pattern: str) -> tuple[Recording, float]:
    """The video, and what to add to a time of the file to get one of the video's clock."""
    videos = [m for m in document.media if is_video(m.url or m.relative, m.mime)]
    named = ", ".join(plain_path(m.url or m.relative) for m in document.media)
    if pattern:
        fits = [m for m in document.media if fnmatchcase(plain_path(m.url or m.relative), pattern)]
        if not fits:
            raise BadInput(
                f"{document.path}: --media {pattern!r} fits none of its media "
                f"({named or 'none'}); write a part of one between asterisks"
            )
        videos = fits
    if len(videos) > 1 and not pattern:
        document.notes.append(
            f"{document.path}: shows {len(videos)} videos ({named}); the first is taken. Another: "
            f"--media '*NAME'"
        )
    # A sound file, or none: the video of the same name may lie beside it or in --videos.
    medium = (videos or document.media or [None])[0]
    names = tuple(n for n in (medium.url, medium.relative) if n) if medium else ()
    if not videos:
        document.notes.append(
            f"{document.path}: names no video ({named or 'no medium at all'}); a video of the same "
            f"name is looked for"
        )
    recording = Recording(
        names or (f"{document.path.stem}.mp4",), document.path.parent, str(document.path)
    )
    return recording, medium.origin if medium else 0.0


def _vocabulary_words(tier: Tier, language: str) -> dict[str, str]:
    """Value -> description of the tier's vocabulary, in the language wanted."""
    if tier.vocabulary is None:
        return {}
    return dict(_in_language(values, language) for values in tier.vocabulary.entries.values())


def _in_language(values: dict[str, tuple[str, str]], language: str) -> tuple[str, str]:
    return values.get(language) or next(iter(values.values()), ("", ""))


def _value(tier: Tier, raw: RawAnnotation, language: str) -> str:
    """The class: the vocabulary's own word where the annotation is tied to it, in any language."""
    entries = tier.vocabulary.entries if tier.vocabulary else {}
    if raw.entry in entries:
        return _in_language(entries[raw.entry], language)[0]
    for values in entries.values():
        if raw.value and any(raw.value == value for value, _ in values.values()):
            return _in_language(values, language)[0]
    return raw.value


def _check_word(
    document: Document, tier: Tier, raw: RawAnnotation, word: str, words: dict[str, str]
) -> None:
    if tier.vocabulary is None or not tier.vocabulary.known or word in words:
        return
    hint = nearest(word, words)
    near = f"did you mean {hint!r}? " if hint else ""
    document.problem(
        f"tier {tier.name!r}", raw.line, word,
        f"is no word of the vocabulary {tier.vocabulary.name!r} (annotation {raw.id})",
        f"{near}Mend it in ELAN, or take all words as they are: --vocabulary ignore",
    )  # fmt: skip


def _check_values(document: Document, tier: Tier, empty: str) -> None:
    bare = [a for a in tier.annotations if not a.value and not a.entry]
    told = f"{len(bare)} of {len(tier.annotations)} annotations have no value"
    if bare and empty == "leave_out":
        document.notes.append(f"{document.path}, tier {tier.name!r}: {told}; they are left out")
    elif bare:
        document.problem(
            f"tier {tier.name!r}", bare[0].line, bare[0].id, f"is the first: {told}",
            "fill them in, or leave them out: --empty leave_out; where the tier's name is the "
            "class: --class-from tier",
        )  # fmt: skip


def _span(
    document: Document, tier: Tier, raw: RawAnnotation, times: Times, origin: float
) -> tuple[float, float] | None:
    where = f"tier {tier.name!r}"
    try:
        start, end = times.of(raw.id)
    except ValueError:
        wrong = "refers to parents that lead nowhere or in a circle"
        document.problem(where, raw.line, raw.id, wrong, "open it in ELAN and save it again")
        return None
    if end < start:
        wrong = f"ends at {end:.3f} s, before it starts at {start:.3f} s"
        document.problem(where, raw.line, raw.id, wrong, "swap the times, or draw it anew in ELAN")
        return None
    return round(start + origin, 6), round(end + origin, 6)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add_options(parser, ".eaf files")
    add = parser.add_argument
    add("--tiers", nargs="+", default=[], help="names or patterns of the tiers to take")
    add(
        "--class-from",
        choices=["value", "tier", "both"],
        default="value",
        help="what names the class",
    )
    add("--subject-from", choices=["participant", "tier"], default="", help="what names the person")
    add("--language", default="", help="of a vocabulary in several languages, such as eng")
    add("--media", default="", help="pattern for the video to take where there are several")
    add("--empty", choices=["stop", "leave_out"], default="stop", help="annotations without value")
    add("--vocabulary", choices=["check", "ignore"], default="check", help="words not in it")
    given = parser.parse_args(arguments)

    def read(path: Path, given: argparse.Namespace) -> AnnotationTable:
        return read_elan(
            path,
            given.tiers,
            given.class_from,
            given.subject_from,
            given.language,
            given.media,
            given.empty,
            given.vocabulary,
        )

    run(parser, given, (".eaf",), read)


if __name__ == "__main__":
    main()
