"""Reads XML that a stranger wrote, and remembers the line of every element.

A document type declaration is refused: it is what entity expansion ("billion laughs") and external
entities need, and no annotation tool writes one.
"""

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from microgesture.provenance.errors import BadInput


def read_xml(path: str | Path) -> tuple[ElementTree.Element, dict[ElementTree.Element, int]]:
    """The root element, and the line where each element begins.

    Raises BadInput for a file that cannot be read, is empty, is no well-formed XML (with the line)
    or declares a document type.
    """
    path = Path(path)
    builder, lines = ElementTree.TreeBuilder(), {}
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name, attributes):
        lines[builder.start(name, attributes)] = parser.CurrentLineNumber

    def refuse(name, system, public, internal):
        raise BadInput(
            f"{path}: line {parser.CurrentLineNumber}: declares a document type ({name!r}), which "
            f"can make a reader open other files or fill its memory; take the <!DOCTYPE ...> out"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if not content.strip():
        raise BadInput(f"{path}: the file is empty; copy it again")
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadInput(
            f"{path}: is no whole XML file ({error}); open it in the tool that wrote it and save "
            f"it again, or copy it again"
        ) from error
    return builder.close(), lines
