"""PostgreSQL's words for fields of what is stored as JSON; their functions stand in the schema's migration."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.compiler import compiles

from jorge_data.store.sql.fields import LARGEST, ArrayOf, AsNumber, NumberOf, ScaledOf, TextOf


@compiles(TextOf, "postgresql")
def _text(element: TextOf, compiler: Any, **given: Any) -> str:
    return f'(json_text({_body(element, compiler, given)}, {_path(element.path)}) COLLATE "C")'


@compiles(NumberOf, "postgresql")
def _number(element: NumberOf, compiler: Any, **given: Any) -> str:
    return f"json_whole({_body(element, compiler, given)}, {_path(element.path)})"


@compiles(ScaledOf, "postgresql")
def _scaled(element: ScaledOf, compiler: Any, **given: Any) -> str:
    measure = element.measure
    how = f"{measure.scale!r}, {str(bool(measure.money)).lower()}, {LARGEST}"
    return f"json_scaled({_body(element, compiler, given)}, {_path(element.path)}, {how})"


@compiles(ArrayOf, "postgresql")
def _array(element: ArrayOf, compiler: Any, **given: Any) -> str:
    body = _body(element, compiler, given)
    return f"json_build_array({', '.join(f'sound({body}) #> {_path(path)}' for path in element.paths)})"


@compiles(AsNumber, "postgresql")
def _as_number(element: AsNumber, compiler: Any, **given: Any) -> str:
    return f"as_number({_body(element, compiler, given)})"


def _body(element: Any, compiler: Any, given: dict[str, Any]) -> str:
    (body,) = element.clauses
    return str(compiler.process(body, **given))


def _path(path: Sequence[str]) -> str:
    """Return a path as a literal: an expression with a parameter is not the one by which rows are grouped."""
    names = (name.replace("'", "''").replace("%", "%%") for name in path)
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]"
