"""Which parts of a clip are hidden in pre-training.

A clip is cut into tokens: one joint (or limb) over a few frames. Most tokens are hidden, drawn at
random; moving ones more often, for standing joints tell little (motion-aware masking of MAMP, Mao
et al., ICCV 2023).
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def hidden_count(tokens: int, ratio: float) -> int:
    """Tokens that are hidden: `ratio` of them, at least one hidden and one shown."""
    return min(max(round(ratio * tokens), 1), tokens - 1)


def motion_energy(segments: Tensor) -> Tensor:
    """How much each token differs from the one before: (N, S, V, values) -> (N, S, V).

    The mean absolute difference of the values; the first segment has the second's. One segment
    alone: all 0.
    """
    if segments.shape[1] < 2:
        return segments.new_zeros(segments.shape[:3])
    change = (segments[:, 1:] - segments[:, :-1]).abs().mean(dim=-1)
    return torch.cat([change[:, :1], change], dim=1)


def draw_hidden(energy: Tensor, ratio: float, temperature: float) -> Tensor:
    """bool (N, L): True where a token is hidden, `hidden_count` of each sample.

    energy: (N, L), at least 0. The tokens are drawn without replacement, with odds in proportion to
    exp(energy / (temperature * the sample's largest energy)): a moving token is hidden up to
    exp(1 / temperature) times as often as a standing one. temperature 0: all alike. Draws from
    torch's global generator.
    """
    samples, tokens = energy.shape
    energy = energy.float()
    logits = torch.zeros_like(energy)
    if temperature > 0:
        largest = energy.amax(dim=1, keepdim=True)
        logits = energy / (temperature * largest + 1e-10)
    # The largest of logits with Gumbel noise are a draw without replacement.
    uniform = torch.rand(samples, tokens, device=energy.device).clamp(1e-10, 1 - 1e-7)
    ranked = (logits - torch.log(-torch.log(uniform))).argsort(dim=1, descending=True)
    hidden = torch.zeros(samples, tokens, dtype=torch.bool, device=energy.device)
    return hidden.scatter_(1, ranked[:, : hidden_count(tokens, ratio)], True)


def told_by(shown: Tensor, parents: Sequence[int]) -> Tensor:
    """What of joint_bone_motion can be told from the joints that are shown: bool (B, 1, T, V) ->
    (B, 12, T, V). A bone needs both ends, a motion two frames; else the neighbours of a hidden
    joint, and the frame before, would say where it is."""
    bones = shown & shown[..., list(parents)]
    parts = [shown, bones, _followed(shown), _followed(bones)]
    return torch.cat(parts, dim=1).repeat_interleave(3, dim=1)


def _followed(shown: Tensor) -> Tensor:
    """Shown in the next frame, too; nothing follows the last one, and its motion is 0."""
    return shown & torch.cat([shown[:, :, 1:], shown[:, :, -1:]], dim=2)
