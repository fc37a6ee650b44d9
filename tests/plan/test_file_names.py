"""The names of slices' files."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_64_hexdigest

from oas_tasks.plan import file_names as naming
from oas_tasks.plan.file_names import file_names
from oas_tasks.plan.plan import is_file_name


def name_of(path: str, method: str = "GET", ending: str = "yaml") -> str:
    return file_names([(path, method)], ending)[0]


def hash_of(text: str) -> str:
    return xxh3_64_hexdigest(text.encode())[:8]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users/{id}", "users-id_GET.yaml"),
        ("/users/{id}/", "users-id_GET.yaml"),
        ("/", "root_GET.yaml"),
        ("/{}", "root_GET.yaml"),
        ("", "root_GET.yaml"),
        ("/search.json", "search-json_GET.yaml"),
        ("/a--b/-c-", "a-b-c_GET.yaml"),
        ("/Users/byName(name='{name}')", "Users-byName-name-name_GET.yaml"),
        ("/~user/snake_case/kebab-case", "~user-snake_case-kebab-case_GET.yaml"),
        ('/a%20b:c*d?e#f\\g"h<i>j|k\n\0l', "a-20b-c-d-e-f-g-h-i-j-k-l_GET.yaml"),
        ("/../../etc/passwd", "etc-passwd_GET.yaml"),
        ("/CON", "CON_GET.yaml"),
        ("/straße/日本語/٣", "straße-日本語-٣_GET.yaml"),
        ("/cafe\u0301", "caf\u00e9_GET.yaml"),
    ],
)
def test_a_path_becomes_a_name_that_is_valid_everywhere(path: str, expected: str) -> None:
    assert name_of(path) == expected


def test_the_format_is_the_ending() -> None:
    assert name_of("/users", "DELETE", "json") == "users_DELETE.json"


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("Link", "users_Link.yaml"),
        ("M-SEARCH", "users_M-SEARCH.yaml"),
        ("!#$%&'*+.^`|", "users_method.yaml"),
        ("a.b|c", "users_a-b-c.yaml"),
        ("my_method~2", "users_my_method~2.yaml"),
    ],
)
def test_a_method_keeps_its_case_and_becomes_safe(method: str, expected: str) -> None:
    assert name_of("/users", method) == expected


@pytest.mark.parametrize(
    "paths",
    [
        ("/a.b", "/a/b", "/a-b"),
        ("/users", "/Users"),
        ("/caf\u00e9", "/cafe\u0301"),
        ("/caf\u00c9", "/cafe\u0301"),
        ("/", "/root"),
        ("/\u03c3", "/\u03c2"),  # the two small sigmas
    ],
)
def test_every_endpoint_of_a_group_with_one_name_gets_its_paths_hash(paths: Sequence[str]) -> None:
    made = file_names([(path, "GET") for path in paths], "yaml")
    for path, name in zip(paths, made, strict=True):
        assert name == name_of(path).replace("_GET", f"~{hash_of(path)}_GET")


def test_endpoints_outside_of_the_group_keep_their_plain_names() -> None:
    endpoints = [("/a.b", "GET"), ("/a/b", "GET"), ("/a/b", "POST"), ("/a/b/c", "GET")]
    assert file_names(endpoints, "yaml")[2:] == ["a-b_POST.yaml", "a-b-c_GET.yaml"]


def test_methods_that_files_cannot_tell_apart_are_hashed_with_the_path() -> None:
    endpoints = [("/a", "Link"), ("/a", "LINK"), ("/a", "X!"), ("/a", "X*"), ("/A", "link")]
    assert file_names(endpoints, "yaml") == [
        f"a~{hash_of('Link /a')}_Link.yaml",
        f"a~{hash_of('LINK /a')}_LINK.yaml",
        f"a~{hash_of('X! /a')}_X.yaml",
        f"a~{hash_of('X* /a')}_X.yaml",
        f"A~{hash_of('/A')}_link.yaml",
    ]


def test_a_path_and_a_method_that_meet_in_the_middle_are_kept_apart() -> None:
    made = file_names([("/a", "b_GET"), ("/a_b", "GET")], "yaml")
    assert made == [f"a~{hash_of('/a')}_b_GET.yaml", f"a_b~{hash_of('/a_b')}_GET.yaml"]


def test_a_path_that_looks_like_another_ones_mark_gives_way() -> None:
    taken = f"/a-b~{hash_of('/a.b')}"
    made = file_names([(taken, "GET"), ("/a.b", "GET"), ("/a/b", "GET")], "yaml")
    assert made == [
        f"a-b~{hash_of('/a.b')}~{hash_of(taken)}_GET.yaml",
        f"a-b~{hash_of('/a.b')}_GET.yaml",
        f"a-b~{hash_of('/a/b')}_GET.yaml",
    ]


def test_a_long_name_is_cut_at_a_character_and_gets_the_hash() -> None:
    path = "/" + "ü" * 300
    name = name_of(path)
    assert name.endswith(f"ü~{hash_of(path)}_GET.yaml")
    assert 199 <= len(name.encode()) <= 200


def test_a_name_of_200_bytes_is_whole_and_one_of_201_is_cut() -> None:
    room = 200 - len("_GET.yaml")
    assert name_of("/" + "a" * room) == "a" * room + "_GET.yaml"
    assert "~" in name_of("/" + "a" * (room + 1))


def test_a_name_is_cut_when_only_its_hash_makes_it_too_long() -> None:
    path = "/" + "a" * 188
    made = file_names([(path, "GET"), (path + "/", "GET")], "yaml")
    assert all(len(name) == 200 for name in made)
    assert made[0] != made[1]


def test_methods_that_are_too_long_are_cut_and_kept_apart() -> None:
    made = file_names([("/a", "X" * 300 + "1"), ("/a", "X" * 300 + "2")], "yaml")
    assert made[0] != made[1]
    assert all(name.startswith("a~") and len(name) <= 200 for name in made)


#: Texts that clash often: few letters, characters that are dropped or look like a mark, the method's separator.
_PIECES = st.sampled_from(["a", "A", "b", "/", "-", ".", "{", "~", "_", "é", "e\u0301", "ß", "ss", "GET", "~12345678"])
_TEXTS = st.lists(_PIECES, max_size=5).map("".join)
_PATHS = st.one_of(
    _TEXTS.map("/".__add__),
    st.text().map("/".__add__),
    st.builds(lambda text, times: "/" + (text or "x") * times, _TEXTS, st.integers(20, 120)),
)
_METHODS = st.one_of(
    st.sampled_from(["GET", "get", "POST", "Link", "LINK"]),
    st.text("aA!#$%&'*+-.^_`|~", min_size=1, max_size=5),
    _TEXTS,
    st.integers(90, 250).map("M".__mul__),
)
_ENDPOINTS = st.lists(st.tuples(_PATHS, _METHODS), unique=True, max_size=12)


def _with_marks_as_paths(endpoints: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Add endpoints whose plain names are the names that the others get."""
    made = file_names(endpoints, "yaml")
    looks = [("/" + name.rpartition("_")[0], name.rpartition("_")[2].removesuffix(".yaml")) for name in made]
    return list(dict.fromkeys([*endpoints, *looks]))


def _assert_names_are_good(endpoints: list[tuple[str, str]], seed: int) -> None:
    made = file_names(endpoints, "yaml")
    for name in made:
        assert len(name.encode()) <= 200
        assert name.endswith(".yaml")
        stem = name.removesuffix(".yaml")
        assert all(character.isalnum() or character in "_~-" for character in stem)
        assert not stem.startswith("-")
        assert unicodedata.is_normalized("NFC", stem)
    same = {unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold()) for name in made}
    assert len(same) == len(endpoints)
    shuffled = endpoints.copy()
    random.Random(seed).shuffle(shuffled)
    by_endpoint = dict(zip(endpoints, made, strict=True))
    assert file_names(shuffled, "yaml") == [by_endpoint[endpoint] for endpoint in shuffled]


@given(_ENDPOINTS, st.integers())
def test_distinct_endpoints_have_distinct_safe_names_in_any_order(endpoints: list[tuple[str, str]], seed: int) -> None:
    _assert_names_are_good(endpoints, seed)


@given(_ENDPOINTS, st.integers())
def test_names_stay_distinct_when_paths_look_like_marks(endpoints: list[tuple[str, str]], seed: int) -> None:
    _assert_names_are_good(_with_marks_as_paths(_with_marks_as_paths(endpoints)), seed)


@given(_ENDPOINTS, st.integers())
def test_names_stay_distinct_when_hashes_are_the_same(endpoints: list[tuple[str, str]], seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "_digits", lambda text: "12345678")
        _assert_names_are_good(endpoints, seed)
        _assert_names_are_good(_with_marks_as_paths(endpoints), seed)


@given(_ENDPOINTS, st.sampled_from(["yaml", "json"]))
def test_every_name_is_known_for_one(endpoints: list[tuple[str, str]], ending: str) -> None:
    assert all(map(is_file_name, file_names(endpoints, ending)))


@given(st.text(alphabet="a~-_./\\:\0é \u0301", max_size=8), st.sampled_from([".yaml", ".json", ".txt", ""]))
def test_a_path_out_of_a_folder_is_no_file_name(text: str, ending: str) -> None:
    name = text + ending
    is_plain = PurePosixPath(name).name == PureWindowsPath(name).name == name and ":" not in name
    assert is_plain or not is_file_name(name)


@pytest.mark.parametrize("name", ["", ".yaml", "..", "a.yaml.yaml", "index.csv", "a_GET.yaml\n", None, 1, b"a.yaml"])
def test_a_name_that_this_tool_never_gives_is_no_file_name(name: object) -> None:
    assert not is_file_name(name)
