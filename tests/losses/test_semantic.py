import math

import numpy as np
import pytest
import torch

from microgesture.losses.semantic import (
    gaussian_class_vectors,
    orthogonal_frame,
    read_class_vectors,
    semantic_loss,
)
from microgesture.provenance.errors import BadInput


def test_frame_is_orthonormal_and_the_nearest_one():
    vectors = gaussian_class_vectors(5, 9, seed=3)
    frame = orthogonal_frame(vectors)
    np.testing.assert_allclose(frame @ frame.T, np.eye(5), atol=1e-12)
    # The polar factor is (T T^T)^(-1/2) T, here by the eigenvalues of T T^T.
    values, basis = np.linalg.eigh(vectors @ vectors.T)
    np.testing.assert_allclose(frame, basis @ np.diag(values**-0.5) @ basis.T @ vectors, atol=1e-10)
    other, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 5)))
    assert np.linalg.norm(vectors - frame) < np.linalg.norm(vectors - other.T)


def test_frame_of_orthogonal_vectors_only_loses_their_lengths():
    frame = orthogonal_frame(np.array([[0.0, 3.0, 0.0], [-2.0, 0.0, 0.0]]))
    np.testing.assert_allclose(frame, [[0, 1, 0], [-1, 0, 0]], atol=1e-12)


@pytest.mark.parametrize("form", ["softmax", "cosine"])
def test_what_the_texts_mean_is_lost_in_the_frame(form):
    """The frames of any two texts are a rotation apart, which the linear layer before undoes: so
    the loss has the same values and gradients over it, whatever the classes are called."""
    generator = np.random.default_rng(0)
    alike = generator.normal(size=12) + 0.1 * generator.normal(size=(4, 12))  # cosines of 0.99
    frames = [orthogonal_frame(vectors) for vectors in (alike, gaussian_class_vectors(4, 12, 1))]
    whole = [np.linalg.qr(frame.T, mode="complete")[0] for frame in frames]
    for basis, frame in zip(whole, frames):
        basis[:, :4] = frame.T
    rotation = torch.from_numpy(whole[1] @ whole[0].T)  # takes the first frame to the second
    features, labels = torch.randn(9, 6, dtype=torch.float64), torch.arange(9) % 4
    weight = torch.randn(12, 6, dtype=torch.float64)
    losses, gradients = [], []
    for layer, frame in zip((weight, rotation @ weight), frames):
        x = features.clone().requires_grad_()
        loss = semantic_loss(x @ layer.T, labels, torch.from_numpy(frame), form)
        loss.backward()
        losses.append(loss.item())
        gradients.append(x.grad)
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    torch.testing.assert_close(gradients[0], gradients[1])


def test_vectors_shorter_than_the_classes_are_refused():
    with pytest.raises(BadInput, match="dimension: 4 or more"):
        orthogonal_frame(np.ones((4, 3)))


def test_gaussian_vectors_are_a_function_of_the_seed():
    a, b, c = (gaussian_class_vectors(4, 8, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)


def test_vectors_from_a_file_follow_the_labels(tmp_path):
    path = tmp_path / "vectors.npz"
    np.savez(path, nod=np.arange(3.0), wave=np.ones(3))
    np.testing.assert_array_equal(read_class_vectors(path, ["wave", "nod"]), [[1, 1, 1], [0, 1, 2]])
    with pytest.raises(BadInput, match="no vector for shrug"):
        read_class_vectors(path, ["wave", "shrug"])
    path.write_bytes(b"no archive")
    with pytest.raises(BadInput, match="class vectors"):
        read_class_vectors(path, ["wave"])


# One embedding (3, 4), unit (0.6, 0.8), against the axes: cosines 0.6 and 0.8; label 1.
EMBEDDING, AXES, LABEL = torch.tensor([[3.0, 4.0]]), torch.eye(2), torch.tensor([1])


def test_softmax_form():
    # temperature 0.1: scores 6 and 8, so -log(e^8 / (e^6 + e^8)) = log(1 + e^-2)
    loss = semantic_loss(EMBEDDING, LABEL, AXES, "softmax", 0.1)
    assert loss.item() == pytest.approx(math.log1p(math.exp(-2)), rel=1e-5)


def test_cosine_form_and_sample_weight():
    half = torch.tensor([0.5])
    assert semantic_loss(EMBEDDING, LABEL, AXES, "cosine").item() == pytest.approx(0.2)
    assert semantic_loss(EMBEDDING, LABEL, AXES, "cosine", 1, half).item() == pytest.approx(0.1)


def test_squared_error_form():
    # 20 * ((3 - 0)^2 + (4 - 1)^2) / 2 = 180
    assert semantic_loss(EMBEDDING, LABEL, AXES, "squared_error").item() == pytest.approx(180)


def test_zero_embedding_stays_finite():
    embedding = torch.zeros(1, 2, requires_grad=True)
    semantic_loss(embedding, LABEL, AXES).backward()
    assert torch.isfinite(embedding.grad).all()


@pytest.mark.parametrize("form", ["softmax", "cosine", "squared_error"])
def test_gradient(form):
    embeddings = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    frame = torch.tensor(orthogonal_frame(gaussian_class_vectors(3, 4, 0)))
    labels = torch.tensor([0, 2, 1])
    assert torch.autograd.gradcheck(lambda x: semantic_loss(x, labels, frame, form), (embeddings,))
