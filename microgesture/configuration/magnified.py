"""What motion magnification is to signatures: nothing where it is off."""

from microgesture.videos.magnification_settings import asked_magnification

# Code that only runs where motion is magnified.
MAGNIFYING = (
    "microgesture/videos/magnification.py",
    "microgesture/videos/steerable_pyramid.py",
)
PICTURES = ("decode_rgb", "store_videos")


def is_magnified(config: dict) -> bool:
    """Whether the pictures of a run with this configuration show their motion magnified."""
    return asked_magnification(config.get("decode_rgb") or {}) is not None


def unused_code(rule: str, config: dict) -> tuple[str, ...]:
    """Files of a rule's code that it does not run with this configuration."""
    return MAGNIFYING if rule in PICTURES and not is_magnified(config) else ()


def magnification_parts(rule: str, config: dict) -> dict:
    """Parts that stand in place of a rule's own: decode_rgb's settings without the group where it
    is off, and the group for whole videos, whose pictures are magnified as those of clips."""
    if rule == "decode_rgb" and not is_magnified(config):
        settings = {key: value for key, value in config[rule].items() if key != "magnification"}
        return {"settings": settings}
    if rule == "store_videos" and is_magnified(config):
        return {"magnification": config["decode_rgb"]["magnification"]}
    return {}
