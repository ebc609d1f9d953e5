"""docs/layouts.md is what the command makes, and lists every joint."""

from microgesture.pose.documentation import ABOUT, PATH, document
from microgesture.pose.layouts import LAYOUT_NAMES, get_layout


def test_the_page_is_up_to_date():
    assert PATH.read_text(encoding="utf-8") == document()


def test_every_layout_and_joint_stands_in_order():
    assert set(ABOUT) == set(LAYOUT_NAMES)
    page = document()
    for name in LAYOUT_NAMES:
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| ")][1:]
        listed = [(int(number), joint.strip()) for number, joint in rows]
        assert listed == list(enumerate(get_layout(name).joints))
