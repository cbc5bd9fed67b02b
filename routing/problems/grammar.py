"""Walking the grammar of configurations: what may stand at a place of a document, and the simplest thing that may."""

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from routing import configuration
from routing.configuration import Spec

Key = str | int


def bare_of(annotation: Any) -> Any:
    """The annotation without Annotated and without None."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            members = [one for one in get_args(annotation) if one is not types.NoneType]
            if len(members) > 1:
                return Union[tuple(members)]  # noqa: UP007  the members are only known here
            annotation = members[0]
        elif isinstance(annotation, str):
            annotation = _named(annotation)
        else:
            return annotation


def _named(reference: Any) -> Any:
    return getattr(configuration, str(getattr(reference, "__forward_arg__", reference)))


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The models of a union that is told apart by a tag; nothing for any other annotation."""
    bare = bare_of(annotation)
    return get_args(bare) if get_origin(bare) in (Union, types.UnionType) else ()


def tag_of(annotation: Any) -> str | None:
    members = members_of(annotation)
    if not members:
        return None
    return next((tag for tag in ("system", "type") if all(_is_literal(member, tag) for member in members)), None)


def _is_literal(member: Any, tag: str) -> bool:
    field = fields_of(member).get(tag)
    return field is not None and get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1


def tags_of(annotation: Any) -> list[str]:
    tag = tag_of(annotation)
    return [str(get_args(fields_of(one)[tag].annotation)[0]) for one in members_of(annotation)] if tag else []


def member_of(annotation: Any, value: object) -> Any:
    """The model of a union that the value's tag chooses; the model itself where there is no union."""
    bare = bare_of(annotation)
    tag = tag_of(bare)
    if tag is None:
        return bare
    return next(
        (one for one in members_of(bare) if get_args(fields_of(one)[tag].annotation)[0] == value_at(value, tag)), None
    )


@cache
def fields_of(model: Any) -> dict[str, FieldInfo]:
    """The fields of a model by the names that authors write."""
    if not (isinstance(model, type) and issubclass(model, Spec)):
        return {}
    return {field.alias or name: field for name, field in model.model_fields.items()}


def inside(annotation: Any, step: Key, value: object) -> Any:
    """The annotation of what lies at a step inside a value; None where the grammar knows nothing there."""
    model = member_of(annotation, value)
    if field := fields_of(model).get(str(step)):
        return field.annotation if not field.metadata else Annotated[(field.annotation, *field.metadata)]
    if get_origin(model) is dict:
        return get_args(model)[1]
    if get_origin(model) is tuple:
        inner = get_args(model)[0]
        return _named(inner) if hasattr(inner, "__forward_arg__") else inner
    return None


def is_a(kind: type, value: object) -> bool:
    """isinstance, without narrowing what is known to be plain data to containers of unknown things."""
    return isinstance(value, kind)


def value_at(value: object, step: Key) -> object:
    if isinstance(value, dict):
        return cast("dict[object, object]", value).get(step)
    if isinstance(value, list) and isinstance(step, int):
        items = cast("list[object]", value)
        return items[step] if step < len(items) else None
    return None


def mapping_of(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


_SAMPLES: tuple[object, ...] = ("hole", "secrets.hole", "https://hole", "00:00", "en", "2000-01-01", 1, 60, True)


def placeholder(annotation: Any) -> Any:
    """The simplest value that the grammar takes here."""
    if annotation is None:
        return None
    bare = bare_of(annotation)
    if members := members_of(bare):
        bare = (
            members[-1] if bare is None else next((one for one in members if one.__name__ == "SendMessage"), members[0])
        )
    if fields := fields_of(bare):
        return {name: placeholder(inside(bare, name, None)) for name, field in fields.items() if field.is_required()}
    if get_origin(bare) is Literal:
        return get_args(bare)[0]
    for sample in _SAMPLES:
        try:
            TypeAdapter(annotation).validate_python(sample)
        except ValidationError:
            continue
        return sample
    inner = placeholder(get_args(bare)[0 if get_origin(bare) is tuple else 1])
    return [inner] if get_origin(bare) is tuple else {"hole": inner}
