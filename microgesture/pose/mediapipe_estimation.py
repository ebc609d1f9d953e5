"""Keypoints of one person per frame through MediaPipe: detect, choose, follow, look again.

Frame by frame: somebody is searched in the whole picture until one person is chosen
(microgesture/pose/subjects.py); from then on the body model looks where the body was in the last
frame, and finds hands and face from there. A frame in which a hand is missing is looked at again
(microgesture/pose/hand_search.py), for which the last few frames are kept. Every video has models
of its own, and nothing depends on how its frames come in batches.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from microgesture.pose.hand_search import (
    Hand,
    drop_double,
    hand_of_neighbour,
    may_have_hand,
    searched_hand,
)
from microgesture.pose.mediapipe_layout import wholebody_points
from microgesture.pose.mediapipe_models import HandModel, PeopleDetector, Person, PersonModel
from microgesture.pose.subjects import Choice, choose_person

_LEAST_SUPPORT = 0.5  # a detector's score below which somebody who is followed is not seen
_ANY_HAND = 0.02  # below this the hand model's points are noise


@dataclass(frozen=True)
class MediapipeSettings:
    """Numbers of the estimator, all of them config values.

    detection_confidence: least score at which the detector's person is followed.
    presence_confidence: least score of the body model; below, the person is lost.
    hand_confidence: least score of a hand at the second look; 1 = no second look.
    hand_reach: frames over which a hand found is looked for back in time.
    look_around: seconds between looks at the whole picture while somebody is followed.
    patience: seconds that a person who was lost is waited for before somebody else is followed.
    """

    detection_confidence: float = 0.8
    presence_confidence: float = 0.5
    hand_confidence: float = 0.25
    hand_reach: int = 8
    look_around: float = 0.5
    patience: float = 1.0


@dataclass
class _Frame:
    """A frame on its way: `choice` is the one made in it, if any."""

    picture: np.ndarray
    person: Person | None
    choice: Choice | None
    hands: list[Hand | None]


class _Follower:
    """Whom the body model looks at, from frame to frame."""

    def __init__(self, settings: MediapipeSettings, fps: float, threads: int):
        self._settings = settings
        self._every = max(1, round(settings.look_around * fps))
        self._patience = max(1, round(settings.patience * fps))
        least = min(_LEAST_SUPPORT, settings.detection_confidence)
        self._detector = PeopleDetector(least, threads)
        self._model = PersonModel(settings.presence_confidence, threads)
        self._box = self._last = None  # where to look; the last box with somebody in it
        self._followed = self._lost = self._unseen = 0  # frames, frames, looks

    def close(self):
        self._model.close()
        self._detector.close()

    def see(self, picture: np.ndarray) -> tuple[Person | None, Choice | None]:
        """The person followed in the next frame, and the choice made there."""
        choice = None
        if self._box is not None:
            self._followed += 1
            if self._followed % self._every == 0:
                choice = self._look_around(picture)
        if self._box is not None:
            person = self._look(picture)
            if person is not None:
                return person, choice
        choice = self._search(picture)
        return (self._look(picture), choice) if choice else (None, None)

    def _look(self, picture: np.ndarray) -> Person | None:
        person = self._model(picture, self._box)
        self._box = person.box
        if person.box is None:
            self._lost += 1
            return None
        self._last, self._lost = person.box, 0
        return person

    def _search(self, picture: np.ndarray) -> Choice | None:
        """Search the whole picture; set the box to the person chosen."""
        boxes, scores = self._detector(picture)
        last = self._last if self._lost <= self._patience else None
        size = picture.shape[1], picture.shape[0]
        least = self._settings.detection_confidence
        choice = choose_person(boxes, scores, size, last, least)
        if choice is None:
            self._lost += 1
            return None
        if self._last is not None:
            self._model.restart()
        self._box = boxes[choice.index]
        self._followed = self._unseen = 0
        return choice

    def _look_around(self, picture: np.ndarray) -> Choice | None:
        """Count the people, and let go of what the detector has not seen twice running."""
        boxes, scores = self._detector(picture)
        size = picture.shape[1], picture.shape[0]
        support = choose_person(boxes, scores, size, self._last, _LEAST_SUPPORT)
        self._unseen = 0 if support else self._unseen + 1
        if self._unseen >= 2:
            self._box, self._lost = None, self._lost + 1
            return None
        if support is None:
            return None
        people = int((scores >= self._settings.detection_confidence).sum())
        return Choice(support.index, people, "continuity", support.size, support.score)


def follow_person(
    batches: Iterable[np.ndarray], settings: MediapipeSettings, fps: float, threads: int = 1
) -> Iterator[tuple[np.ndarray, bool, Choice | None]]:
    """The person followed through a video, frame by frame.

    batches: consecutive frames, uint8 (N, H, W, 3) RGB each. fps: frames per second (25 where it is
    not known). threads: of the processor. Yields points float32 (133, 3) of coco_wholebody133 in
    pixels with scores (zeros where there is nobody), whether somebody is there, and the choice made
    in that frame. Raises BadInput where mediapipe is not installed.
    """
    fps = fps if np.isfinite(fps) and fps > 0 else 25.0
    waiting: deque[_Frame] = deque()
    with (
        closing(_Follower(settings, fps, threads)) as follower,
        closing(HandModel(_ANY_HAND, threads=threads)) as model,
    ):
        for pictures in batches:
            for picture in pictures:
                person, choice = follower.see(picture)
                hands = _own_hands(person)
                waiting.append(_Frame(picture, person, choice, hands))
                if settings.hand_confidence < 1:
                    for side in (0, 1):
                        _look_again(waiting, side, model, settings.hand_confidence)
                if len(waiting) > settings.hand_reach:
                    yield _finished(waiting.popleft())
        while waiting:
            yield _finished(waiting.popleft())


def _own_hands(person: Person | None) -> list[Hand | None]:
    """The hands that the person's models found by themselves."""
    if person is None:
        return [None, None]
    found = (person.left_hand, person.left_score), (person.right_hand, person.right_score)
    hands = [None if points is None else Hand(points, score, "model") for points, score in found]
    return drop_double(hands, person.body)


def _look_again(waiting: deque[_Frame], side: int, model: HandModel, least: float) -> None:
    """Search the last frame's missing hand; from a hand found there, go back in time."""
    frame = waiting[-1]
    if frame.person is None:
        return
    height, width = frame.picture.shape[:2]
    body = frame.person.body
    if frame.hands[side] is None and may_have_hand(body, side, width, height):
        before = waiting[-2] if len(waiting) > 1 else None
        if before is not None and before.hands[side] is not None:
            near = before.hands[side], before.person.body
            frame.hands[side] = hand_of_neighbour(
                model.look, frame.picture, body, side, *near, least, frame.hands[1 - side]
            )
        if frame.hands[side] is None:
            search = model.look, model.palms, frame.picture, body, side
            frame.hands[side] = searched_hand(*search, least, frame.hands[1 - side])
    after = frame
    for earlier in list(waiting)[-2::-1]:
        if after.hands[side] is None or earlier.person is None or earlier.hands[side] is not None:
            return
        body = earlier.person.body
        if not may_have_hand(body, side, width, height):
            return
        near = after.hands[side], after.person.body
        earlier.hands[side] = hand_of_neighbour(
            model.look, earlier.picture, body, side, *near, least, earlier.hands[1 - side]
        )
        after = earlier


def _finished(frame: _Frame) -> tuple[np.ndarray, bool, Choice | None]:
    person = frame.person
    if person is None:
        return np.zeros((133, 3), np.float32), False, frame.choice
    left, right = drop_double(frame.hands, person.body)
    points = wholebody_points(
        person.body,
        left.points if left else None,
        left.score if left else 0.0,
        right.points if right else None,
        right.score if right else 0.0,
        person.face,
        person.face_score,
    )
    return points, True, frame.choice
