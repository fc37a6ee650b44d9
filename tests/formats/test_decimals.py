"""Decimal numbers keep every digit that was written, even beyond the precision of a float."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from random import Random

import pytest
import yaml

from oas_tasks.formats import Value
from oas_tasks.formats.decimals import exceeds
from oas_tasks.formats.json_read import read_json
from oas_tasks.formats.json_write import canonical
from oas_tasks.formats.yaml_read import read_yaml
from tests.formats.writing import json_document, yaml_document

#: The text that is read -> the texts that are written as JSON and as YAML.
LONG = {
    "9999999999999999.99": ("9999999999999999.99", "9999999999999999.99"),
    "-12345678901234.123456": ("-12345678901234.123456", "-12345678901234.123456"),
    "12345678901234567890.0": ("12345678901234567890.0", "12345678901234567890.0"),
    "0.00000000012345678901234567890": ("0.00000000012345678901234567890", "0.00000000012345678901234567890"),
    "1e400": ("1e400", "1.0e+400"),
    "-1.5E+400": ("-1.5e400", "-1.5e+400"),
    "1e-400": ("1e-400", "1.0e-400"),
}
#: Numbers that a float holds exactly enough.
SHORT = {"1.50": 1.5, "0.0": 0.0, "1e3": 1000.0, "0.1": 0.1, "1.7976931348623157e308": 1.7976931348623157e308}


@pytest.mark.parametrize("text", LONG)
def test_a_number_of_more_digits_than_a_float_holds_is_written_as_it_was_read(text: str) -> None:
    in_json, in_yaml = LONG[text]
    for value in (read_json(f'{{"a": {text}}}', "f"), read_yaml(f"a: {text}", "f")):
        assert isinstance(value, dict)
        assert value == {"a": Decimal(text)}
        assert json_document(value) == f'{{\n  "a": {in_json}\n}}\n'
        assert yaml_document(value) == f"a: {in_yaml}\n"
        assert canonical(value) == f'{{"a":{in_json}}}'.encode()


@pytest.mark.parametrize("text", SHORT)
def test_a_number_that_fits_a_float_is_a_float(text: str) -> None:
    for value in (read_json(f"[{text}]", "f"), read_yaml(f"[{text}]", "f")):
        assert value == [SHORT[text]]
        assert isinstance(value, list)
        assert type(value[0]) is float


def any_number(random: Random) -> str:
    digits = "".join(random.choices("0123456789", k=random.randint(1, 30))).lstrip("0") or "0"
    text = f"{random.choice(['', '-'])}{digits}.{''.join(random.choices('0123456789', k=random.randint(1, 30)))}"
    return text + random.choice(["", "", f"e{random.randint(-500, 500)}"])


def test_no_number_becomes_another_one_on_its_way_through_either_format() -> None:
    random = Random(5)
    for _ in range(2_000):
        text = any_number(random)
        value = read_json(f'{{"a": {text}}}', "f")
        assert isinstance(value, dict)
        # A Decimal that happens to equal a float is written as its shortest text.
        exact = value["a"] if isinstance(value["a"], Decimal) else Decimal(repr(value["a"]))
        assert exact == Decimal(text)
        for written in (json_document(value), yaml_document(value)):
            assert read_yaml(written, "f") == value
        assert read_json(json_document(value), "f") == value
        assert json.loads(json_document(value), parse_float=Decimal) == {"a": Decimal(text)}
        assert type(yaml.safe_load(yaml_document(value))["a"]) is float  # a reader of YAML 1.1 takes it for a number


def test_what_another_process_reads_arrives_with_all_digits() -> None:
    batch: list[Value] = [{"a": Decimal("9999999999999999.99")}, 1.5, "x"]
    assert pickle.loads(pickle.dumps(batch)) == batch


def test_numbers_are_compared_by_what_is_written() -> None:
    assert exceeds(Decimal("0.1000000000000000001"), 0.1)
    assert not exceeds(0.1, Decimal("0.1000000000000000001"))
    assert exceeds(Decimal("9999999999999999.99"), 9999999999999999)
    assert not exceeds(1, 1.0)
