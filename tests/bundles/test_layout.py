from microgesture.bundles.layout import layout_of


def test_a_layout_file_is_found_in_the_bundle_alone(tmp_path):
    metadata = tmp_path / "members" / "joint" / "model.json"
    facts = {"layout": "layout.yaml#0123456789ab"}
    assert layout_of(facts, metadata) == "layout.yaml#0123456789ab"  # some other run's own file
    (tmp_path / "bundle.json").write_text("{}")
    assert layout_of(facts, metadata) == f"{tmp_path}/layout.yaml#0123456789ab"
    assert layout_of({"layout": "h68"}, str(metadata)) == "h68"
    assert layout_of({"layout": "mine/layout.yaml#01"}, metadata) == "mine/layout.yaml#01"
    assert layout_of({"layout": "h68"}, "model.json") == "h68"
