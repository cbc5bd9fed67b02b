"""Texts with `{{ names }}`: Jinja2 in a sandbox that can neither loop, call nor run long (SPEC section 4)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from jinja2 import ChainableUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import Template
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from routing.filters import FILTERS, LIMIT, SECRET, SecretMark, cleaned, cut, plain, shown, truncate

Names = Mapping[str, object]
"""What a template can read; each name is looked up (`in`, then `[]`) when it is read, and may be worked out then."""
_SECRET_MARK = re.compile(f"{SECRET}([A-Za-z0-9_]*){SECRET}")


class TemplateFailed(Exception):
    """A template that was accepted could not be rendered with these values; says which template and why."""


@dataclass(frozen=True)
class Inspection:
    """What a check needs to know of a template: its mistakes, and the dotted names that it reads."""

    mistakes: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]


def render(text: str, names: Names) -> str:
    """The text with its names filled in, cut at LIMIT bytes; unknown names are empty. Raises TemplateFailed."""
    if "{" not in text:
        return cut(text)
    return _generate(_TEXT, text, names)


def render_url(text: str, names: Names) -> str:
    """Like render, with every value percent-encoded, so that no value can change where the URL leads.

    An expression at the very start is the URL's base and is taken as it is.
    """
    if "{" not in text:
        return cut(text)
    start = re.match(r"\{\{.*?\}\}", text)
    if start is None:
        return _generate(_URL, text, names)
    return cut(_generate(_TEXT, start.group(), names) + _generate(_URL, text[start.end() :], names))


def value(written: object, names: Names) -> object:
    """A literal with the templates in it filled in; a text that is one expression alone keeps its value's type."""
    if isinstance(written, str):
        if "{" not in written:
            return cut(written)
        expression = sole_expression(written)
        return render(written, names) if expression is None else _typed(expression, names)
    if isinstance(written, Mapping):
        return {str(key): value(item, names) for key, item in cast("Mapping[object, object]", written).items()}
    if isinstance(written, Sequence):
        return [value(item, names) for item in cast("Sequence[object]", written)]
    return written


def evaluate(expression: str, names: Names) -> object:
    """The value of an expression such as `orders.body.items`, with its type; None where a name is unknown."""
    try:
        steps = _lookup_in(expression)
        if steps is not None:
            return plain(_look_up(_TEXT, steps, names))
        template = _expression(expression)
        context = _context(template, names)
        for _ in template.root_render_func(context):
            pass
        return plain(context.vars["result"])
    except Exception as error:  # Jinja lets through whatever a comparison of unlike values raises
        raise TemplateFailed(f"`{expression}` cannot be worked out: {error}") from error


def _typed(expression: str, names: Names) -> object:
    try:
        return cleaned(evaluate(expression, names))
    except RecursionError as error:  # an answer from the web may be nested as deeply as it likes
        raise TemplateFailed(f"`{expression}` is nested too deeply") from error


def sole_expression(text: str) -> str | None:
    """`name` where the text is `{{ name }}` and nothing else."""
    found = re.fullmatch(r"\s*\{\{((?:[^{}]|\}(?!\}))*)\}\}\s*", text)
    return found.group(1).strip() if found else None


class Secrets(Mapping[str, str]):
    """`secrets.<name>` while a request is rendered: a mark that the activity replaces at the last moment."""

    def __getitem__(self, key: str) -> str:
        return SecretMark(f"{SECRET}{key}{SECRET}")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def with_secrets(text: str, secrets: Mapping[str, str], *, url: bool = False) -> str:
    """A rendered text with the marks of these secrets filled in, percent-encoded in a URL; other marks are removed."""

    def filled(found: re.Match[str]) -> str:
        secret = secrets.get(found[1], "")
        return quote(secret, safe="") if url else secret

    return _SECRET_MARK.sub(filled, text)


@lru_cache(maxsize=20_000)
def inspect(text: str) -> Inspection:
    """The mistakes of a template and the names it reads."""
    if "{" not in text:
        return Inspection((), ())
    try:
        return _inspected(_TEXT.parse(text))
    except TemplateSyntaxError as error:
        return Inspection((f"{error.message} (line {error.lineno}): correct the braces or the expression in them",), ())
    except (RecursionError, ValueError) as error:
        return Inspection((f"it is too deep or has too large a number ({error}): write it more simply",), ())


@lru_cache(maxsize=20_000)
def inspect_expression(expression: str) -> Inspection:
    """The same for an expression (written without braces)."""
    if "{{" in expression or "{%" in expression:
        return Inspection(("an expression is written without braces: `orders.ok`, not `{{ orders.ok }}`",), ())
    return inspect("{{ " + expression + " }}")


# The sandbox ----------------------------------------------------------------------------------------------------------


class _Environment(ImmutableSandboxedEnvironment):
    """Names and attributes reach into plain data only: `orders.body.items` is the key, never a method."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            found = cast("Mapping[object, object]", obj)
            try:
                return found[argument]
            except (KeyError, TypeError):
                return self.undefined(obj=obj, name=argument)
        if isinstance(obj, Sequence) and not isinstance(obj, str) and isinstance(argument, int):
            items = cast("Sequence[object]", obj)
            if -len(items) <= argument < len(items):
                return items[argument]
        if isinstance(obj, Undefined):
            return obj
        return self.undefined(obj=obj, name=str(argument))


def _environment(url: bool) -> _Environment:
    def encoded(found: object) -> str:
        return found if isinstance(found, SecretMark) else quote(shown(found), safe="")

    made = _Environment(
        undefined=ChainableUndefined, finalize=encoded if url else shown, autoescape=False, keep_trailing_newline=True
    )
    made.filters = dict(FILTERS)
    made.globals = {}
    return made


_TEXT = _environment(url=False)
_URL = _environment(url=True)


@lru_cache(maxsize=20_000)
def _template(environment: _Environment, text: str) -> Template:
    return environment.from_string(text)


@lru_cache(maxsize=20_000)
def _expression(expression: str) -> Template:
    """A template that puts out nothing and sets `result`; calling what Jinja compiles would copy every name."""
    return _TEXT.compile_expression(expression)._template  # pyright: ignore[reportPrivateUsage]


def _context(template: Template, names: Names) -> Context:
    """What a template reads: these names themselves, where Jinja would copy all of them first."""
    return Context(template.environment, cast("dict[str, Any]", names), template.name, template.blocks)


def _generate(environment: _Environment, text: str, names: Names) -> str:
    pieces: list[str] = []
    room = LIMIT
    try:
        for piece in _pieces(environment, text, names):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                break
    except Exception as error:  # Jinja lets through whatever a comparison of unlike values raises
        raise TemplateFailed(f"`{truncate(text)}` cannot be rendered: {error}") from error
    return cut("".join(pieces))


def _pieces(environment: _Environment, text: str, names: Names) -> Iterator[str]:
    lookups = _lookups_in(text)
    if lookups is None:
        template = _template(environment, text)
        yield from template.root_render_func(_context(template, names))
        return
    finalize = environment.finalize or str
    for part in lookups:
        yield part if isinstance(part, str) else str(finalize(_look_up(environment, part, names)))


# Most templates only put values in: those need not be compiled and run ------------------------------------------------

Steps = tuple[str | int, ...]
"""A name and the keys and indexes that lead on from it."""
_SPECIAL = frozenset(("self", "super", "loop", "caller", "varargs", "kwargs"))
"""Names that mean something to Jinja itself."""


def _look_up(environment: _Environment, steps: Steps, names: Names) -> object:
    """What Jinja finds by these steps: each is taken by the same function of the sandbox."""
    name = str(steps[0])
    found = names[name] if name in names else environment.undefined(name=name)
    for step in steps[1:]:
        found = environment.getitem(found, step)
    return found


@lru_cache(maxsize=20_000)
def _lookups_in(text: str) -> tuple[str | Steps, ...] | None:
    """The texts and lookups of a template that has nothing else; None where Jinja has to run it."""
    try:
        tree = _TEXT.parse(text)
    except (TemplateSyntaxError, RecursionError, ValueError):
        return None  # whoever compiles it says so
    parts: list[str | Steps] = []
    for output in tree.body:
        for node in output.nodes if isinstance(output, nodes.Output) else (output,):
            part = node.data if isinstance(node, nodes.TemplateData) else _steps(node)
            if part is None:
                return None
            parts.append(part)
    return tuple(parts)


@lru_cache(maxsize=20_000)
def _lookup_in(expression: str) -> Steps | None:
    """The same for an expression (written without braces)."""
    parts = _lookups_in(f"{{{{ {expression} }}}}")
    return parts[0] if parts is not None and len(parts) == 1 and not isinstance(parts[0], str) else None


def _steps(node: nodes.Node) -> Steps | None:
    match node:
        case nodes.Name():
            return None if node.name in _SPECIAL else (node.name,)
        case nodes.Getattr():
            before = _steps(node.node)
            return None if before is None else (*before, node.attr)
        case nodes.Getitem() if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
            before = _steps(node.node)
            return None if before is None else (*before, node.arg.value)
        case _:
            return None


# The check ------------------------------------------------------------------------------------------------------------

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.CondExpr,
    nodes.If,
    nodes.Filter,
)


def _inspected(tree: nodes.Template) -> Inspection:
    mistakes: list[str] = []
    names: list[tuple[str, ...]] = []
    _walk(tree, mistakes, names)
    return Inspection(tuple(dict.fromkeys(mistakes)), tuple(dict.fromkeys(names)))


def _walk(node: nodes.Node, mistakes: list[str], names: list[tuple[str, ...]]) -> None:
    if not isinstance(node, _ALLOWED):
        mistakes.append(
            f"{type(node).__name__.lower()} is not allowed in a template: "
            "use names, attributes, literals, comparisons, `if` and filters"
        )
        return
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        mistakes.append(f"there is no filter `{node.name}`: use one of {', '.join(FILTERS)}")
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        chain = _chain(node)
        if chain is not None:
            names.append(chain)
            return
        if isinstance(node, nodes.Getitem) and _index(node) is None:
            mistakes.append("an index is a literal, such as `items[0]`")
    for child in node.iter_child_nodes():
        _walk(child, mistakes, names)


def _chain(node: nodes.Node) -> tuple[str, ...] | None:
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            before = _chain(node.node)
            return None if before is None else (*before, node.attr)
        case nodes.Getitem():
            before, index = _chain(node.node), _index(node)
            return None if before is None or index is None else (*before, index)
        case _:
            return None


def _index(node: nodes.Getitem) -> str | None:
    """A literal index as a name: `items[0]`, `items[-1]`, `items["a"]`."""
    match node.arg:
        case nodes.Const():
            return str(node.arg.value)
        case nodes.Neg() if isinstance(node.arg.node, nodes.Const):
            return f"-{node.arg.node.value}"
        case _:
            return None
