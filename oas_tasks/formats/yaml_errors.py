"""Puts libyaml's error messages into words for the author of the file.

libyaml's own sentences are about its scanner ("could not find expected ':' while scanning a simple key").
"""

from __future__ import annotations

import re

import yaml

from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.text import where
from oas_tasks.formats.value import TOO_DEEP

#: Characters that a text may not contain: YAML 1.2.2, section 5.1, c-printable.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TAB = "a tab stands here, where YAML allows only spaces: lines are indented with spaces"

_NO_TAG = "this is no tag; text that begins with '!' must be in quotes"
_NO_DIRECTIVE = "a line that begins with '%' is a directive, and there are only %YAML and %TAG"

#: The largest distance of a colon from the start of its key. Source: YAML 1.2.2, section 7.4.2.
_MAX_KEY = 1_024
_LONG_KEY = f"a key longer than {_MAX_KEY:,} characters must be written as '? key', with ': value' below it"

#: libyaml's message -> whether to report where the construct began (else where it broke), and our sentence.
_SENTENCES: dict[str, tuple[bool, str]] = {
    "mapping values are not allowed in this context": (
        False,
        "a ':' stands where no key can be; check the indentation, and put text that holds ': ' in quotes",
    ),
    "could not find expected ':'": (True, "this is neither 'key: value' nor an item of a list"),
    "did not find expected '-' indicator": (False, "an item '- ...' of the list above is expected here"),
    "block sequence entries are not allowed in this context": (
        False,
        "a list item cannot stand here; put '- ' on a line of its own below the key",
    ),
    "block mapping entries are not allowed in this context": (False, "a '? ' key cannot stand here"),
    "mapping keys are not allowed in this context": (False, "a '? ' key cannot stand here"),
    "did not find expected ',' or ']'": (False, "a ',' or the closing ']' of a list is missing"),
    "did not find expected ',' or '}'": (False, "a ',' or the closing '}' of a mapping is missing"),
    "did not find expected node content": (False, "a value is expected here"),
    "did not find expected <document start>": (False, "there is more text after the end of the document"),
    "found unexpected document indicator": (True, "the quote that opens here is not closed"),
    "found unknown escape character": (
        False,
        "there is no such escape in double quotes; write '\\\\' for a backslash, or use single quotes",
    ),
    "did not find expected hexdecimal number": (False, "an escape in double quotes lacks hexadecimal digits"),
    "found invalid Unicode character escape code": (
        False,
        "this escape is not a Unicode character; write the character itself, or '\\U' and its 8 digits",
    ),
    "found a tab character that violates indentation": (False, _TAB),
    "found a tab character where an indentation space is expected": (False, _TAB),
    "found an indentation indicator equal to 0": (False, "the indentation after '|' or '>' is 1 to 9"),
    "did not find expected comment or line break": (
        False,
        "only a comment may stand on this line; text begins on the next",
    ),
    "did not find expected alphabetic or numeric character": (
        False,
        "this is no name of an anchor or alias; text that begins with '&' or '*' must be in quotes",
    ),
    "found undefined tag handle": (
        False,
        "this tag is not declared; text that begins with '!' must be in quotes",
    ),
    "did not find expected whitespace or line break": (True, _NO_TAG),
    "did not find expected tag URI": (True, _NO_TAG),
    "did not find the expected '>'": (True, _NO_TAG),
    "found unexpected ':'": (
        False,
        "a ':' stands where no key ends; inside [] or {} text with a ':' must be in quotes",
    ),
    "found unknown directive name": (True, _NO_DIRECTIVE),
    "could not find expected directive name": (True, _NO_DIRECTIVE),
    "found unexpected non-alphabetical character": (True, _NO_DIRECTIVE),
    # libyaml from 0.2.6 on looks ahead as far as its own limit, 1,000 levels, before it gives us the first
    "exceeded maximum nesting depth": (False, TOO_DEEP),
    "found incompatible YAML document": (True, "the file says it is a version of YAML other than 1.1 or 1.2"),
}

#: The construct in which a text ended -> the sentence.
_UNCLOSED: dict[str, str] = {
    "while scanning a quoted scalar": "the quote that opens here is never closed",
    "while parsing a flow sequence": "the list that opens here with '[' is never closed",
    "while parsing a flow mapping": "the mapping that opens here with '{' is never closed",
    "while parsing a flow node": "the text ends inside a list or mapping that is not closed",
}


def yaml_fault(error: yaml.YAMLError | UnicodeEncodeError, text: str, file: str) -> FormatError:
    """Return the error to raise for an error of PyYAML's parser. `text` is that of the file."""
    forbidden = _FORBIDDEN.search(text)
    if forbidden and not (isinstance(error, yaml.MarkedYAMLError) and _offset(error) < forbidden.start()):
        return FormatError(
            f"the character U+{ord(forbidden[0]):04X} is not allowed in YAML",
            where(text, forbidden.start(), file),
            "Remove it, or write it as an escape in double quotes",
        )
    if not isinstance(error, yaml.MarkedYAMLError):
        return FormatError(f"could not be read as YAML: {error}", Where(file))
    sentence, offset = _sentence(error, text)
    return FormatError(sentence, where(text, min(offset, len(text)), file))


def _sentence(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int]:
    """Return the sentence for an error of the parser, and the offset of its place."""
    problem = error.problem or ""
    broke = _offset(error)
    began = error.context_mark.index if error.context_mark else broke
    at_end = not text[broke:].strip()
    if at_end and error.context in _UNCLOSED:
        return _UNCLOSED[error.context], began
    if problem == "found character that cannot start any token":
        if text[broke] == "\t":
            return _TAB, broke
        return f"a value cannot begin with '{text[broke]}'; put it in quotes", broke
    line_start = max(text.rfind("\n", 0, broke), text.rfind("\r", 0, broke)) + 1
    if problem == "could not find expected ':'" and text.find(":", began + _MAX_KEY, broke + 1) >= 0:
        return _LONG_KEY, began
    if problem == "mapping values are not allowed in this context" and broke - line_start > _MAX_KEY:
        return _LONG_KEY, line_start
    if problem == "did not find expected key":
        if text[broke : broke + 1] == ":":
            return "there is no key in front of this ':'", broke
        if text[line_start:broke].strip(" "):
            return (
                "there is more text after the end of a value; if it is one text, put it all in quotes",
                broke,
            )
        return "this line's indentation fits nothing above it", broke
    if problem in _SENTENCES:
        at_beginning, sentence = _SENTENCES[problem]
        return sentence, began if at_beginning else broke
    return f"could not be read as YAML: {problem}", broke


def _offset(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.index if mark else 0
