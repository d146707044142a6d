"""Which package index is asked."""

from pathlib import Path

from everword.weights.index import DEFAULT_INDEX, index_urls


def test_without_configuration_the_public_index_is_asked(tmp_path: Path) -> None:
    """A machine without pip configuration asks the public index."""
    assert index_urls(None, [tmp_path / "absent.conf"]) == (DEFAULT_INDEX,)


def test_a_named_index_replaces_all_others(tmp_path: Path) -> None:
    """The index the owner names is the only one asked."""
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    assert index_urls("https://own.example/simple", [conf]) == ("https://own.example/simple",)


def test_pip_configuration_is_followed(tmp_path: Path) -> None:
    """pip's own index and its extra indexes are asked, later files winning; folders and broken files are passed by."""
    first, second, broken = tmp_path / "a.conf", tmp_path / "b.conf", tmp_path / "c.conf"
    first.write_text(
        "[global]\nindex-url = https://first.example/simple\nextra-index-url = file:///opt/x http://x.example\n"
    )
    second.write_text("[global]\nindex-url = https://second.example/simple\n")
    broken.write_text("no section here")
    urls = index_urls(None, [first, second, broken])
    assert urls == ("https://second.example/simple", "http://x.example")
