"""Batch normalisation over the clips of all processes, on a processor.

torch's `SyncBatchNorm` does this on GPUs and refuses other devices. Names of weights and states,
and the results, are those of plain batch normalisation over the whole batch.
"""

import torch
import torch.distributed
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class SumOverProcesses(torch.autograd.Function):
    """The sum of every process's tensor, in every process. All must call it, forward and backward:
    a gradient is summed likewise, since each process's result hangs on each one's input."""

    @staticmethod
    def forward(ctx, values: Tensor) -> Tensor:
        total = values.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        torch.distributed.all_reduce(total)
        return total


class SynchronisedBatchNorm(_BatchNorm):
    """`nn.BatchNorm1d`, 2d or 3d whose mean and variance are those of all processes together."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2 axes, got {input.dim()}")

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        self._check_input_dim(x)
        axes = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        values = x.float()
        count = torch.tensor(float(values.numel() // values.shape[1]))
        torch.distributed.all_reduce(count)
        mean = SumOverProcesses.apply(values.sum(axes)) / count
        centred = values - mean.view(shape)
        variance = SumOverProcesses.apply(centred.square().sum(axes)) / count
        self._move_running(mean.detach(), variance.detach(), count)
        scale = torch.rsqrt(variance + self.eps)
        if self.weight is not None:
            scale = scale * self.weight
        y = centred * scale.view(shape)
        if self.bias is not None:
            y = y + self.bias.view(shape)
        return y.to(x.dtype)

    @torch.no_grad()
    def _move_running(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        if not self.track_running_stats:
            return
        self.num_batches_tracked.add_(1)
        # without a momentum the running statistics are the mean over all batches
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * count / (count - 1).clamp(min=1), share)


def synchronised(network: nn.Module) -> nn.Module:
    """The network with batch normalisation over all processes; weights are shared, not copied.

    On a GPU torch's own layer, elsewhere the one above.
    """
    if next(network.parameters()).device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm):
                setattr(module, name, _converted(child))
    return network


def _converted(norm: _BatchNorm) -> SynchronisedBatchNorm:
    own = SynchronisedBatchNorm(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    own._parameters, own._buffers = norm._parameters, norm._buffers
    own.training = norm.training
    return own
