"""The numbers of pre-training (microgesture/pretraining, docs/pretraining.md)."""

from microgesture.configuration.setting import MANY, Setting

PRETRAIN: dict[str, Setting] = {
    "method": Setting(
        "none",
        "first weights from clips without their labels: most of a clip is hidden, and the "
        "network says how the hidden joints move (masked_motion, skeleton streams), where "
        "they are (masked_joints, heatmaps too), or what hidden pixels show and where the joints "
        "are (masked_tubes, RGB)",
        ("none", "masked_motion", "masked_joints", "masked_tubes"),
    ),
    "clips": Setting(
        "labelled",
        "what it sees: labelled (the labelled clips of train), unlabelled (and those without a "
        "label of people who are not in test), all (and the test people's: the run is "
        "transductive and says so), or the path of a sheet whose column clip names them; those "
        "of people in val never",
    ),
    "epochs": Setting(200, "passes over these clips", (1, MANY)),
    "batch_size": Setting(32, "clips per step, over all processes together", (1, MANY)),
    "learning_rate": Setting(0.001, "peak learning rate of AdamW", (0, 1000)),
    "weight_decay": Setting(0.05, "weight decay, not on biases and norms", (0, 1000)),
    "warmup_epochs": Setting(
        10.0, "epochs in which the rate rises; it then falls as a cosine", (0, MANY)
    ),
    "mask_ratio": Setting(
        0.9,
        "share of a clip that is hidden; for networks that cannot leave out what is hidden "
        "(all but skeleton_transformer and video_mae) less",
        (0.01, 0.99),
    ),
    "segment": Setting(
        4,
        "frames of a joint that are hidden together (skeleton_transformer: its own)",
        (1, MANY),
    ),
    "motion_temperature": Setting(
        0.8,
        "moving joints are hidden more often, exp(1 / this) times at most; 0: all alike",
        (0, 100),
    ),
    "target_scale": Setting(
        "clip",
        "what is 1 in the target: the deviation within every token (MAMP), or the clip's mean "
        "size, so that what moves more counts more",
        ("token", "clip"),
    ),
    "decoder_stages": Setting(
        3,
        "layers of the decoder (skeleton_transformer, video_mae), which is dropped",
        (1, 100),
    ),
    "pixel_weight": Setting(
        1.0, "masked_tubes: weight of the hidden tubelets' pixels, standardised", (0, 1000)
    ),
    "keypoint_weight": Setting(
        0.0,
        "masked_tubes: weight of the keypoints, where they are and how they move (video_mae: of "
        "those that lie in hidden pixels); 0: none",
        (0, 1000),
    ),
}
