"""Reading and writing authored documents: YAML by the rules of YAML 1.2, and JSON, which is YAML."""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import yaml

DEPTH = 100
"""The most levels of mappings and lists inside each other."""
SIZE = 1_000_000
"""The most values of a document with its aliases written out; each 100 characters of a text count as one more."""


class DocumentError(ValueError):
    """A text that is no readable document; `line` and `column` count from 1, `what` says what is wrong and the cure."""

    def __init__(self, name: str, line: int, column: int, what: str) -> None:
        super().__init__(f"{name + ': ' if name else ''}line {line}, column {column}: {what}")
        self.name = name
        self.line = line
        self.column = column
        self.what = what


def read(text: str, *, name: str = "") -> object:
    """The plain data of one YAML or JSON document: mappings with text keys, lists, texts, numbers, booleans and null.

    By YAML 1.2 `13:00`, `no`, `on` and dates are texts. `name` is the file's, for errors. Raises DocumentError for bad
    syntax, a key given twice, a second document, tags, merge keys (`<<`), numbers that JSON has not, and documents
    deeper than DEPTH or larger than SIZE once aliases are written out.
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        found = _json(text)
        if found is not _NOTHING:
            return found
    return _Reader(text, name).read()


def write(document: object) -> str:
    """The document as YAML in block style: the order of keys kept, the same document the same bytes."""
    return yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, default_flow_style=False, sort_keys=False, width=120, indent=2
    )


# Scalars by YAML 1.2 --------------------------------------------------------------------------------------------------

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _plain(written: str) -> object:
    """The value of an unquoted scalar; raises ValueError with the cure for a number that JSON has not."""
    if written in _WORDS:
        return _WORDS[written]
    if _INT.fullmatch(written):
        if len(written) > 300:
            raise ValueError("the number has more than 300 digits: put it in quotes to make it a text")
        return int(written, 0) if written[:2] in ("0o", "0x") else int(written)
    if _FLOAT.fullmatch(written) and math.isfinite(number := float(written)):
        return number
    if _FLOAT.fullmatch(written) or _NOT_FINITE.fullmatch(written):
        raise ValueError(f"{written[:40]} is no number that JSON has: put it in quotes to make it a text")
    return written


# JSON writes emoji as two escapes, which YAML's parser refuses --------------------------------------------------

_NOTHING = object()


def strict_json(text: str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """The data of a JSON text, as `json.loads`, but only with numbers that JSON has: no NaN, nothing infinite.

    Raises ValueError and RecursionError.
    """
    return json.loads(text, object_pairs_hook=pairs, parse_float=_finite, parse_constant=_refuse)


def _json(text: str) -> object:
    """The data of a JSON text; _NOTHING where YAML's parser should say what is wrong and where."""
    try:
        found = strict_json(text.lstrip("\ufeff"), pairs=_distinct)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return _NOTHING
    return _NOTHING if "\\u0000" in text or depth(found) > DEPTH else found


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError("no number that JSON has")
    return number


def _refuse(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number that JSON has")


def depth(document: object) -> int:
    """How many mappings and lists lie inside each other at most; stops counting behind DEPTH."""
    level, deep = [document], 0
    while deep <= DEPTH:
        level = [child for one in level for child in _children(one)]
        if not level:
            break
        deep += 1
    return deep


def _children(one: object) -> Iterator[object]:
    if isinstance(one, dict):
        yield from cast("dict[object, object]", one).values()
    elif isinstance(one, list | tuple):
        yield from cast("list[object]", one)


# The parser's events to data, without recursion -----------------------------------------------------------------------


@dataclass
class _Open:
    """A mapping or list that is being read; `size` and `height` are of what it holds so far."""

    found: dict[str, object] | list[object]
    anchor: str | None
    key: str | None = None
    size: int = 1
    height: int = 1


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[object, int, int]] = {}
        self.unfinished: set[str] = set()
        self.size = 0
        self.result: object = None

    def read(self) -> object:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        documents = 0
        try:
            for event in cast("Iterator[Any]", yaml.parse(self.text, Loader=loader)):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._fail(event, "a second document begins here: keep one document in a file")
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark: Any = error.problem_mark or error.context_mark
            what = ", ".join(part for part in (error.context, error.problem) if part)
            cure = "correct it there; a text with : # { [ & * ! or quotes in it belongs in quotes"
            raise DocumentError(
                self.name, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, f"{what}: {cure}"
            ) from error
        except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
            line, column = self._unreadable()
            raise DocumentError(
                self.name, line, column, "a character here is not allowed in a document: remove it"
            ) from error
        return self.result

    def _take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self.stack.pop()
                self._keep(done.anchor, done.found, done.size, done.height)
                self._put(event, done.found, done.size, done.height)
            case yaml.AliasEvent():
                self._alias(event)
            case _:
                pass

    def _scalar(self, event: Any) -> None:
        written: str = event.value
        if "\0" in written:
            self._fail(event, "the character \\0 is not allowed in a document: remove it")
        if self._awaits_key():
            if written == "<<" and event.implicit[0]:
                self._fail(event, "merge keys (`<<`) are not YAML 1.2: write the fields out")
            self._key(event, written)
            self._keep(event.anchor, written, 1, 0)
            return
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            self._fail(event, f"the tag {event.tag} is not known here: remove it")
        found: object = written
        if event.implicit[0] and event.tag is None:
            try:
                found = _plain(written)
            except ValueError as error:
                self._fail(event, str(error))
        size = 1 + len(written) // 100
        self._keep(event.anchor, found, size, 0)
        self._put(event, found, size, 0)

    def _open(self, event: Any) -> None:
        if self._awaits_key():
            self._fail(event, "a key is a text, not a mapping or a list: put it in quotes")
        if event.tag is not None and not event.implicit:
            self._fail(event, f"the tag {event.tag} is not known here: remove it")
        if len(self.stack) >= DEPTH:
            self._too_deep(event)
        if event.anchor:
            self.unfinished.add(event.anchor)
        self.stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))

    def _alias(self, event: Any) -> None:
        if event.anchor in self.unfinished:
            self._fail(event, f"the alias *{event.anchor} lies inside what it stands for: write the value out")
        if event.anchor not in self.anchors:
            self._fail(
                event,
                f"no anchor &{event.anchor} comes before the alias *{event.anchor}: add it or write the value out",
            )
        found, size, height = self.anchors[event.anchor]
        if self._awaits_key():
            if not isinstance(found, str):
                self._fail(event, "a key is a text: write it out instead of the alias")
            self._key(event, found)
            return
        if len(self.stack) + height > DEPTH:
            self._too_deep(event)
        self._grow(event, size)
        self._put(event, copy.deepcopy(found), size, height)

    def _keep(self, anchor: str | None, found: object, size: int, height: int) -> None:
        if anchor:
            self.unfinished.discard(anchor)
            self.anchors[anchor] = (found, size, height)

    def _put(self, event: Any, found: object, size: int, height: int) -> None:
        if not isinstance(event, yaml.AliasEvent):
            self._grow(event, size if isinstance(event, yaml.ScalarEvent) else 1)
        if not self.stack:
            self.result = found
            return
        into = self.stack[-1]
        into.size += size
        into.height = max(into.height, height + 1)
        if isinstance(into.found, list):
            into.found.append(found)
        elif into.key is not None:
            into.found[into.key] = found
            into.key = None

    def _key(self, event: Any, key: str) -> None:
        into = self.stack[-1]
        if key in into.found:
            self._fail(event, f"the key `{key[:60]}` is given twice in this mapping: keep one of them")
        into.key = key

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].found, dict) and self.stack[-1].key is None

    def _grow(self, event: Any, size: int) -> None:
        self.size += size
        if self.size > SIZE:
            self._fail(
                event,
                f"the document is larger than {SIZE} values once its aliases are written out: use fewer",
            )

    def _too_deep(self, event: Any) -> NoReturn:
        self._fail(event, f"mappings and lists lie more than {DEPTH} levels inside each other: split the document up")

    def _fail(self, event: Any, what: str) -> NoReturn:
        raise DocumentError(self.name, event.start_mark.line + 1, event.start_mark.column + 1, what)

    def _unreadable(self) -> tuple[int, int]:
        """Line and column of the first character that YAML does not allow."""
        found = _UNREADABLE.search(self.text)
        at = found.start() if found else 0
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)


_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# Writing --------------------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Puts into quotes whatever YAML 1.2 or 1.1 would read as something other than a text."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _text(dumper: Any, text: str) -> Any:
    if re.search("[\x85\u2028\u2029\ufeff]", text):
        style = '"'  # line breaks to YAML 1.1, which no other style keeps
    else:
        style = (
            "|"
            if "\n" in text and not re.search(r"[^\S\n]\n|^\s|[^\n\x20-\x7e\xa1-\ud7ff\ue000-\ufffd]", text)
            else None
        )
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_add_resolver: Any = getattr(_Dumper, "add_implicit_resolver")  # noqa: B009  it has no types
for _pattern, _tag in ((_INT, "int"), (_FLOAT, "float"), (_NOT_FINITE, "float")):
    _add_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern.pattern})$"), list("-+.0123456789"))
