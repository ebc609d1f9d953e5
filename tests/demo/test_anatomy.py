import numpy as np

from microgesture.demo.anatomy import FACE_TEMPLATE, bend_elbow, project, rotation
from microgesture.demo.hands import hand_points
from microgesture.demo.motion import AIM, CURL, PITCH, ROLL, STATE


def test_elbow_keeps_the_bones_lengths():
    rng = np.random.default_rng(0)
    shoulder, wrist = rng.normal(0, 50, (2, 200, 3))
    elbow, reached = bend_elbow(shoulder, wrist, 64.0, 56.0, np.tile([0.5, 0.9, -0.1], (200, 1)))
    np.testing.assert_allclose(np.linalg.norm(elbow - shoulder, axis=1), 64, rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(reached - elbow, axis=1), 56, rtol=1e-9)
    distance = np.linalg.norm(wrist - shoulder, axis=1)
    near = (distance > 15) & (distance < 119)
    np.testing.assert_allclose(reached[near], wrist[near], atol=1e-9)


def test_elbow_goes_to_the_poles_side():
    shoulder, wrist = np.zeros((1, 3)), np.array([[0.0, 80.0, 0.0]])
    elbow, _ = bend_elbow(shoulder, wrist, 60.0, 60.0, np.array([[1.0, 0.0, 0.0]]))
    # isosceles by hand: half of 80 along, sqrt(60^2 - 40^2) aside
    np.testing.assert_allclose(elbow, [[np.sqrt(2000), 40, 0]])


def test_rotation_signs():
    nose = np.array([0, 0, 1.0])
    assert (rotation([20], [0], [0])[0] @ nose)[0] > 0  # yaw: to the image's right
    assert (rotation([0], [20], [0])[0] @ nose)[1] > 0  # pitch: down
    right = rotation([0], [0], [20])[0] @ np.array([1.0, 0, 0])
    assert right[1] > 0  # roll: clockwise in an image with y down
    turn = rotation([13], [-20], [31])[0]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)


def test_face_template_mirrors_itself():
    order = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
             45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
             54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
             64, 63, 62, 61, 60, 67, 66, 65]  # fmt: skip
    mirrored = FACE_TEMPLATE[order] * [-1, 1, 1]
    np.testing.assert_allclose(mirrored, FACE_TEMPLATE, atol=1e-9)
    assert FACE_TEMPLATE.shape == (68, 3)


def test_nearer_things_look_larger():
    pair = np.array([[150.0, 100, 0], [170, 100, 0]])
    far = np.ptp(project(pair)[:, 0])
    near = np.ptp(project(pair + [0, 0, 60])[:, 0])
    assert far == 20
    assert near > 20


def state(aim=0.0, pitch=0.0, roll=0.0, curl=0.0):
    values = np.zeros((1, STATE))
    values[:, AIM], values[:, PITCH], values[:, ROLL] = aim, pitch, roll
    values[:, CURL] = curl
    return values


def test_hand_up_with_the_palm_to_the_camera():
    wrist = np.array([[100.0, 100, 0]])
    for side, inward in ((0, 1), (1, -1)):  # the right hand is at the image's left
        hand = hand_points(wrist, state(), side, 40.0)[0]
        np.testing.assert_allclose(hand[0], wrist[0])
        assert hand[12, 1] < 100 - 35  # middle finger's tip is a hand above the wrist
        assert (hand[4, 0] - 100) * inward > 5  # the thumb points to the body's midline
        assert (hand[20, 0] - 100) * inward < 0  # the little finger away from it


def test_back_of_the_hand_turns_the_thumb_out_and_a_fist_is_short():
    wrist = np.array([[100.0, 100, 0]])
    back = hand_points(wrist, state(roll=180), 1, 40.0)[0]
    assert back[4, 0] > 105
    open_hand = hand_points(wrist, state(), 1, 40.0)[0]
    fist = hand_points(wrist, state(curl=1.0), 1, 40.0)[0]
    reach = lambda hand: np.linalg.norm(hand[[8, 12, 16, 20]] - hand[0], axis=1)  # noqa: E731
    assert (reach(fist) < 0.65 * reach(open_hand)).all()
    assert (fist[[8, 12, 16], 2] > 0).all()  # curled before the palm, which faces the camera
