# mmpose configuration of the small whole-body pose model that ships with the project.
# A top-down RTMPose (Jiang et al. 2023) in its smallest useful form: CSPNeXt at a quarter of its
# width, an RTMCC head with SimCC coordinates, 133 COCO-WholeBody points, input 96 x 128.
# Made and trained by the rule train_demo_pose; README.md beside this file tells how.

default_scope = "mmpose"
input_size = (96, 128)

codec = dict(
    type="SimCCLabel",
    input_size=input_size,
    sigma=(4.0, 4.0),
    simcc_split_ratio=2.0,
    normalize=False,
    use_dark=False,
)

model = dict(
    type="TopdownPoseEstimator",
    data_preprocessor=dict(
        type="PoseDataPreprocessor",
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        _scope_="mmdet",
        type="CSPNeXt",
        arch="P5",
        expand_ratio=0.5,
        deepen_factor=0.167,
        widen_factor=0.25,
        out_indices=(4,),
        channel_attention=True,
        norm_cfg=dict(type="BN"),
        act_cfg=dict(type="SiLU"),
        init_cfg=None,
    ),
    head=dict(
        type="RTMCCHead",
        in_channels=256,
        out_channels=133,
        input_size=input_size,
        in_featuremap_size=(3, 4),
        simcc_split_ratio=codec["simcc_split_ratio"],
        final_layer_kernel_size=3,
        gau_cfg=dict(
            hidden_dims=192,
            s=96,
            expansion_factor=2,
            dropout_rate=0.0,
            drop_path=0.0,
            act_fn="SiLU",
            use_rel_bias=False,
            pos_enc=False,
        ),
        loss=dict(type="KLDiscretLoss", use_target_weight=True, beta=10.0, label_softmax=True),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=False),
)

test_dataloader = dict(
    dataset=dict(
        type="CocoWholeBodyDataset",
        data_mode="topdown",
        pipeline=[
            dict(type="LoadImage"),
            dict(type="GetBBoxCenterScale", padding=1.0),
            dict(type="TopdownAffine", input_size=input_size),
            dict(type="PackPoseInputs"),
        ],
    )
)
val_dataloader = test_dataloader
train_dataloader = test_dataloader  # mmpose reads the data set's type off it
