"""A 3D residual network without its head: one branch for heatmaps or for RGB frames."""

from collections.abc import Sequence

from torch import Tensor, nn

from microgesture.layers.conv3d_blocks import EXPANSION, Stem3d, bottleneck_stage
from microgesture.layers.sparse_stem import SparseStem
from microgesture.provenance.errors import BadInput


class ResNet3dPathway(nn.Module):
    """Stem, optional 3 x 3 max-pool, and 1 to n stages of bottlenecks ("SlowOnly" ResNet-50).

    (N, in_channels, T, H, W) float -> (N, num_features, T', H', W').

    stage_blocks: bottlenecks in each stage. base_channels: inner width of the first stage, doubled
    from stage to stage; a stage's output is four times wider. stem_channels: width of the stem
    (None: base_channels). stem_kernel: (T, H, W) of the stem. stem_stride: spatial stride of the
    stem. stem_pool_stride: spatial stride of the 1 x 3 x 3 max-pool behind the stem (1 keeps the
    size, as in PoseConv3D); None leaves the pool out. spatial_strides, temporal_strides and
    temporal_kernels (1 or 3): one number per stage. extra_channels: channels that other branches
    add to the input of each stage (lateral connections); None means none. sparse_stem: compute the
    stem from the blobs of a heatmap volume where that is faster (see `SparseStem`).
    """

    def __init__(
        self,
        in_channels: int,
        *,
        stage_blocks: Sequence[int],
        base_channels: int,
        stem_channels: int | None,
        stem_kernel: Sequence[int],
        stem_stride: int,
        stem_pool_stride: int | None,
        spatial_strides: Sequence[int],
        temporal_strides: Sequence[int],
        temporal_kernels: Sequence[int],
        extra_channels: Sequence[int] | None = None,
        sparse_stem: bool = False,
    ):
        super().__init__()
        stages = len(stage_blocks)
        per_stage = {
            "spatial_strides": spatial_strides,
            "temporal_strides": temporal_strides,
            "temporal_kernels": temporal_kernels,
            "extra_channels": extra_channels or (0,) * stages,
        }
        for name, values in per_stage.items():
            if len(values) != stages:
                raise BadInput(
                    f"{name}: {list(values)} has {len(values)} values, but stage_blocks "
                    f"{list(stage_blocks)} makes {stages} stages; write one value per stage"
                )
        if len(stem_kernel) != 3 or any(size % 2 == 0 for size in stem_kernel):
            raise BadInput(
                f"stem_kernel: {list(stem_kernel)} should be three odd numbers (frames, height, "
                "width), for example [1, 7, 7]"
            )
        width = base_channels if stem_channels is None else stem_channels
        self.stem = (SparseStem if sparse_stem else Stem3d)(
            in_channels, width, tuple(stem_kernel), (1, stem_stride, stem_stride)
        )
        self.stem_pool = None
        if stem_pool_stride is not None:
            stride = (1, stem_pool_stride, stem_pool_stride)
            self.stem_pool = nn.MaxPool3d((1, 3, 3), stride, padding=(0, 1, 1))
        self.stage_names = tuple(f"stage{number + 1}" for number in range(stages))
        self.stage_channels = tuple(
            base_channels * 2**number * EXPANSION for number in range(stages)
        )
        for number, name in enumerate(self.stage_names):
            stage = bottleneck_stage(
                width + per_stage["extra_channels"][number],
                base_channels * 2**number,
                stage_blocks[number],
                spatial_strides[number],
                temporal_strides[number],
                temporal_kernels[number],
            )
            self.add_module(name, stage)
            width = self.stage_channels[number]
        self.num_features = width

    def forward_stem(self, x: Tensor) -> Tensor:
        """(N, in_channels, T, H, W) -> the first stage's input."""
        x = self.stem(x)
        return x if self.stem_pool is None else self.stem_pool(x)

    def forward_stages(self, x: Tensor, first: int, last: int) -> Tensor:
        """Run stages `first` to `last` (1-based, inclusive)."""
        for name in self.stage_names[first - 1 : last]:
            x = self.get_submodule(name)(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.forward_stages(self.forward_stem(x), 1, len(self.stage_names))
