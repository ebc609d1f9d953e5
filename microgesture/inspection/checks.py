"""All checks, one after the other."""

from microgesture.inspection.check_classes import check_classes
from microgesture.inspection.check_hands import check_hands
from microgesture.inspection.check_lengths import check_lengths
from microgesture.inspection.check_lost import check_lost
from microgesture.inspection.check_overlaps import check_overlaps
from microgesture.inspection.check_people import check_people
from microgesture.inspection.check_pictures import check_pictures
from microgesture.inspection.check_presence import (
    check_company,
    check_presence,
    check_size,
    check_sureness,
    check_tracks,
)
from microgesture.inspection.check_rates import check_rates
from microgesture.inspection.findings import Finding, worst_first
from microgesture.inspection.material import Material

CHECKS = (
    check_lost,
    check_people,
    check_classes,
    check_presence,
    check_company,
    check_tracks,
    check_hands,
    check_size,
    check_sureness,
    check_pictures,
    check_lengths,
    check_overlaps,
    check_rates,
)


def find_faults(material: Material) -> list[Finding]:
    """What all checks find, worst first."""
    return worst_first(finding for check in CHECKS for finding in check(material))
