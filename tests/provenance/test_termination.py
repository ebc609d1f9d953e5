import os
import signal

import pytest

from microgesture.provenance.termination import (
    TRY_AGAIN,
    Interrupted,
    ending_at_safe_places,
    leave_if_told,
    told_by_signal,
    told_to_end,
)


def tell():
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_request_ends_at_once_where_nobody_asked_for_patience():
    with pytest.raises(Interrupted) as caught, told_by_signal():
        tell()
    assert caught.value.code == TRY_AGAIN == 75


def test_in_a_body_of_safe_places_it_waits_for_one():
    seen = []
    with pytest.raises(Interrupted), told_by_signal(), ending_at_safe_places():
        leave_if_told()
        tell()
        seen.append(told_to_end())
        leave_if_told()
        seen.append("never")
    assert seen == [True] and not told_to_end()


def test_one_that_was_met_nowhere_is_met_behind_the_body():
    seen = []
    with pytest.raises(Interrupted), told_by_signal():
        with ending_at_safe_places():
            tell()
            seen.append("finished")
        seen.append("never")
    assert seen == ["finished"]


def test_who_is_told_twice_finishes_saving():
    seen = []
    with pytest.raises(Interrupted), told_by_signal(), ending_at_safe_places():
        tell()
        tell()
        seen.append("saved")
        leave_if_told()
        seen.append("never")
    assert seen == ["saved"]


def test_signals_are_as_before_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with told_by_signal():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
