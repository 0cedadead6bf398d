"""Public lists on the disk: what is read, and what is not."""

from pathlib import Path

import pytest
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs import public_list_files
from planwhy_collector.jobs.public_list_files import read_public_list


def test_a_v2fly_file_is_read_with_what_it_includes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("include:b @x\na.example\n")
    (tmp_path / "b").write_text("include:a\ninclude:c\n")
    (tmp_path / "c").write_text("c.example")
    (tmp_path / "d").write_text("d.example")
    assert list(read_public_list(tmp_path / "a", "v2fly")) == ["a", "b", "c"]


@pytest.mark.parametrize("outside", ["link", "../secret", "absent"])
def test_an_include_leads_nowhere_outside_the_folder(tmp_path: Path, outside: str) -> None:
    (tmp_path / "secret").write_text("secret.example")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "a").write_text(f"\ninclude:{outside}\n")
    with pytest.raises(InvalidInput, match=r"^a:2: ") as caught:
        read_public_list(folder / "a", "v2fly")
    assert "secret.example" not in caught.value.detail


def test_a_ut1_folder_is_read_part_by_part_in_either_encoding(tmp_path: Path) -> None:
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "domains").write_bytes("\ufeffa.example\n".encode())
    (folder / "usage").write_bytes("# privé".encode("latin-1"))
    (folder / "other").write_text("x")
    assert read_public_list(folder, "ut1") == {"press/domains": "a.example\n", "press/usage": "# privé"}
    (folder / "urls").symlink_to(Path("/etc/hostname"))
    with pytest.raises(InvalidInput, match="press/urls: 'urls' lies outside the folder"):
        read_public_list(folder, "ut1")


def test_what_is_no_plain_file_or_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match=r"none\.txt: this is not a file"):
        read_public_list(tmp_path / "none.txt", "domains")
    with pytest.raises(InvalidInput, match="null: this is not a file"):
        read_public_list(Path("/dev/null"), "hosts")
    (tmp_path / "big").write_text("a.example\n" * 10)
    monkeypatch.setattr(public_list_files, "LARGEST", 50)
    with pytest.raises(InvalidInput, match="big: the list has more than"):
        read_public_list(tmp_path / "big", "domains")
