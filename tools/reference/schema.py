"""`schema.md`: every table, from the models."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import CheckConstraint, Column, Enum, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from tools.reference.text import attribute_docs, code, codes, doc, feature, in_order, page, prose, table


def render() -> str:
    """The page."""
    from tourpad.core.models import Base

    models: list[Any] = [mapper.class_ for mapper in Base.registry.mappers]
    models.sort(key=lambda m: (*in_order(m.__module__), m.__tablename__))
    intro = (
        "Times are `timestamptz` in UTC, ids UUIDv7, amounts whole cents, enumerations text with a CHECK (their"
        " moves: [States](states.md)). The migrations make this schema, and a test holds it against the models. What"
        " the models do not show, triggers and seeds, is in `migrations/versions/`."
    )
    contents = table(
        ("feature", "tables"),
        (
            (name, ", ".join(f"[`{m.__tablename__}`](#{m.__tablename__})" for m in group))
            for name, group in groupby(models, key=lambda m: feature(m.__module__))
        ),
    )
    return page("Schema", intro, contents, *(_section(model) for model in models))


def _section(model: Any) -> str:
    made: Table = model.__table__
    said = attribute_docs(model)
    names = {attribute.columns[0].name: attribute.key for attribute in model.__mapper__.column_attrs}
    rows = [
        (
            code(c.name),
            _type(c),
            "yes" if c.nullable else "",
            _default(c),
            _keys(c),
            said.get(names.get(c.name, ""), ""),
        )
        for c in made.columns
    ]
    held = "\n".join(f"- {line}" for line in sorted(_constraints(made)))
    return "\n\n".join(
        part
        for part in (
            f"## {made.name}",
            prose(doc(model)),
            table(("column", "type", "null", "default", "key", "meaning"), rows),
            held,
        )
        if part
    )


def _type(column: Column[Any]) -> str:
    if isinstance(column.type, Enum):
        return codes(column.type.enums)
    return column.type.compile(dialect=postgresql.dialect()).lower()


def _default(column: Column[Any]) -> str:
    given: Any = column.server_default
    if column.identity is not None:
        return "counts up"
    if given is not None:
        return code(getattr(given.arg, "text", given.arg))
    made: Any = column.default
    if made is None:
        return ""
    return "made by TourPad" if callable(made.arg) else code(getattr(made.arg, "value", made.arg))


def _keys(column: Column[Any]) -> str:
    said = ["primary"] if column.primary_key else []
    said += [
        f"→ {code(key.target_fullname)}" + (f", {key.ondelete.lower()}" if key.ondelete else "")
        for key in sorted(column.foreign_keys, key=lambda k: k.target_fullname)
    ]
    if column.unique:
        said.append("unique")
    elif column.index:
        said.append("indexed")
    return "; ".join(said)


def _constraints(made: Table) -> Iterator[str]:
    """Checks and keys of several columns; those of one stand with their column, those of enumerations in its type."""
    dialect = postgresql.dialect()
    enumerations = {getattr(c.type, "name", None) for c in made.columns if isinstance(c.type, Enum)}
    for held in made.constraints:
        if isinstance(held, CheckConstraint):
            plain = str(held.name).removeprefix(f"ck_{made.name}_")
            if plain not in enumerations:
                yield f"check {code(held.sqltext.compile(dialect=dialect))}"
        elif isinstance(held, UniqueConstraint) and len(held.columns) > 1:
            yield f"unique ({', '.join(c.name for c in held.columns)})"
    for index in made.indexes:
        sql = " ".join(str(CreateIndex(index).compile(dialect=dialect)).split())
        rest = sql.partition(f" ON {made.name} ")[2].removeprefix("USING btree ")
        if len(index.columns) != 1 or index.dialect_options["postgresql"]["where"] is not None:
            yield f"{'unique index' if index.unique else 'index'} {code(rest)}"
