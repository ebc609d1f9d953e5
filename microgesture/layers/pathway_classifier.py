"""A recogniser of one 3D residual branch: global average pool, dropout and a linear layer."""

from torch import Tensor, nn

from microgesture.layers.conv3d_blocks import bottlenecks, initialise_convolutions
from microgesture.layers.pooling import global_average_pool
from microgesture.layers.resnet3d_pathway import ResNet3dPathway


class PathwayClassifier(nn.Module):
    """(N, C, T, H, W) float -> logits (N, num_classes)."""

    def __init__(self, backbone: ResNet3dPathway, num_classes: int, dropout: float):
        super().__init__()
        self.backbone = backbone
        self.num_features = backbone.num_features
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.num_features, num_classes)
        initialise_convolutions(self)

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return bottlenecks(self)

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) -> (N, num_features, T', H', W')."""
        return self.backbone(x)

    def pool(self, features: Tensor) -> Tensor:
        """(N, num_features, T', H', W') -> (N, num_features), mean over time and space."""
        return global_average_pool(features)

    def head(self, pooled: Tensor) -> Tensor:
        """(N, num_features) -> logits (N, num_classes)."""
        return self.classifier(self.dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.forward_features(x)))
