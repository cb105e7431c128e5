"""What `regengine draw` prints: a draw, what was found of it, what became of one enterprise; for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..inspection.draw.check import Standing
    from ..inspection.draw.form import QuotaUsed
    from ..inspection.draw.record import Draw
    from ..problems import Problem

__all__ = ["as_data", "as_tables", "redraw_tables", "standing_data", "standing_tables", "verified_data", "verified_tables"]


def as_data(made: Draw) -> dict[str, Any]:
    """A draw for machines."""
    from ..inspection.draw import floor_number, numbers_of, probabilities

    said = made.commitment
    numbers, chances = numbers_of(said.frame, made.quotas), probabilities(said.frame, made.quotas, made.random_floor)
    return {
        "draw_id": said.draw_id,
        "record": str(made.record),
        "record_sha256": made.last,
        "manifest": str(made.manifest),
        "manifest_sha256": said.manifest_sha256,
        "rulebook": said.rulebook.model_dump(),
        "law_at": str(said.law_at),
        "as_of": str(said.as_of),
        "seed_from": said.seed_from,
        "seed": made.seed,
        "strata": [
            {"stratum": name, "population": many, "ratio": str(said.quotas[name].ratio), "drawn": numbers[name], "probability": str(chances[name])}
            for name, many in said.frame.items()
        ],
        "random_floor": None if said.random_floor is None else str(said.random_floor),
        "floor": floor_number(said.frame, numbers, said.random_floor),
        "drawn": str(made.drawn_file) if made.revealed else None,
        "redraws": [one.model_dump(mode="json", by_alias=True, exclude={"entry", "previous"}) for one in made.redraws],
    }


def as_tables(made: Draw, lang: str) -> list[RenderableType]:
    """A draw for people: its strata, and the files with what to do next."""
    from rich.text import Text

    from ..inspection.draw import floor_number, numbers_of, probabilities
    from ..report.tables import add, plain_table
    from ..words import pick

    said = made.commitment
    numbers, chances = numbers_of(said.frame, made.quotas), probabilities(said.frame, made.quotas, made.random_floor)
    heads = [("stratum", "层"), ("enterprises", "企业数"), ("share", "抽查比例"), ("drawn", "抽取数"), ("chance of each", "每户概率")]
    table = plain_table(*(pick(head, lang) for head in heads))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, many in sorted(said.frame.items(), key=lambda pair: pair[0].encode()):
        add(table, name, f"{many:,}", quota_words(said.quotas[name]), f"{numbers[name]:,}", f"{float(chances[name]):.2%}")
    more, rest = floor_number(said.frame, numbers, said.random_floor), sum(said.frame.values()) - sum(numbers.values())
    if said.random_floor is not None:
        add(table, pick(("random floor over the rest", "其余企业不分等级抽查"), lang), f"{rest:,}", str(said.random_floor), f"{more:,}", "")
    total = sum(numbers.values()) + more
    if made.revealed:
        line = pick(("{:,} of {:,} enterprises drawn by the seed {}", "共{1:,}户，按种子“{2}”抽中{0:,}户"), lang)
        line = line.format(total, sum(said.frame.values()), made.revealed.seed)
    else:
        line = pick(("{:,} of {:,} enterprises will be drawn; the seed will come from: {}", "共{1:,}户，将抽取{0:,}户；种子来源：{2}"), lang)
        line = line.format(total, sum(said.frame.values()), said.seed_from)
    book = pick(("{}, law of {}, digest {}", "{}，规则适用日 {}，摘要 {}"), lang).format(said.rulebook.id, said.law_at, said.rulebook.digest[:16])
    files = [(("manifest", "名单"), made.manifest), (("record", "记录"), made.record)]
    files += [(("drawn", "抽中名单"), made.drawn_file)] if made.revealed else []
    return [
        Text(said.draw_id, style="bold"), Text(book, style="dim"), Text(), table, Text(), Text(line, style="bold"),
        *paths(files, lang), *published(made, lang), Text(),
    ]  # fmt: skip


def quota_words(quota: QuotaUsed) -> str:
    """A share with its bounds."""
    bounds = [f"{sign} {bound}" for sign, bound in (("≥", quota.at_least), ("≤", quota.at_most)) if bound is not None]
    return ", ".join([str(quota.ratio), *bounds])


def paths(files: Sequence[tuple[tuple[str, str], Path]], lang: str) -> list[RenderableType]:
    """Files, each under its name."""
    from rich.cells import cell_len
    from rich.text import Text

    from ..words import pick

    names = [pick(name, lang) for name, _ in files]
    wide = max(map(cell_len, names))
    return [Text(f"{name}{' ' * (wide - cell_len(name))}  {path}", no_wrap=True, overflow="ignore") for name, (_, path) in zip(names, files, strict=True)]


def published(made: Draw, lang: str) -> list[RenderableType]:
    """What to publish now: the hash that binds the record up to its last line."""
    from rich.text import Text

    from ..words import pick

    before = pick(("publish before the seed exists, SHA-256 of the record's last line:", "请在种子产生之前公布记录末行的 SHA-256："), lang)
    after = pick(("publish, SHA-256 of the record's last line:", "请公布记录末行的 SHA-256："), lang)
    return [Text(after if made.revealed else before), Text(f"  {made.last}", no_wrap=True, overflow="ignore")]


def verified_data(made: Draw | None, problems: Sequence[Problem]) -> dict[str, Any]:
    whole = {} if made is None else {"draw_id": made.commitment.draw_id, "revealed": made.revealed is not None, "record_sha256": made.last}
    return {**whole, "agrees": not problems, "problems": [problem.as_dict() for problem in problems]}


def verified_tables(made: Draw | None, problems: Sequence[Problem], lang: str) -> list[RenderableType]:
    """Yes or no, and what was compared."""
    from rich.text import Text

    from ..words import pick

    if made is None or problems:
        return [Text(pick(("no: the draw is not what its record says", "否：抽签与其记录不符"), lang), style="bold red")]
    total = sum(made.commitment.frame.values())
    if made.revealed is None:
        line = pick(("yes: the manifest of {:,} enterprises is as committed to; nothing is drawn yet", "是：名单（{:,}户）与承诺一致；尚未抽签"), lang)
        return [Text(line.format(total), style="bold green"), *published(made, lang)]
    drawn = sum(made.revealed.drawn.values()) + made.revealed.floor
    line = pick(
        (
            "yes: {:,} drawn and {:,} redrawn of {:,}, recomputed from the manifest and the seed",
            "是：根据名单和种子重新计算，共{2:,}户，抽中{0:,}户，递补{1:,}户，一致",
        ),
        lang,
    )
    return [Text(line.format(drawn, len(made.redraws), total), style="bold green"), *published(made, lang)]


def standing_data(made: Draw, found: Standing) -> dict[str, Any]:
    """What became of one enterprise, for machines."""
    return {
        "draw_id": made.commitment.draw_id,
        "enterprise": found.enterprise,
        "in_frame": found.stratum is not None,
        "stratum": found.stratum,
        "population": found.population,
        "drawn_of_stratum": found.number,
        "probability": None if found.probability is None else str(found.probability),
        "ticket": found.ticket,
        "position": found.position,
        "floor": {"drawn": found.floor_number, "ticket": found.floor_ticket, "position": found.floor_position},
        "drawn_by": found.by,
        "redrawn_for": found.into.out if found.into else None,
        "replaced_by": found.out.into if found.out else None,
        "in_drawn_file": found.in_file,
        "agrees": found.agrees,
    }


def standing_tables(made: Draw, found: Standing, lang: str) -> list[RenderableType]:
    """What became of one enterprise, for people, with the line that checks its ticket by hand."""
    from rich.table import Table
    from rich.text import Text

    from ..words import pick

    if found.stratum is None or found.probability is None:
        line = pick(("{} is not in the frame of {}: it could not be drawn", "{}不在{}的名单中，不可能被抽中"), lang)
        return [Text(line.format(found.enterprise, made.commitment.draw_id), style="bold red")]
    rows = [
        (("stratum", "层"), found.stratum),
        (("enterprises in it", "该层企业数"), f"{found.population:,}"),
        (("drawn of it", "该层抽取数"), f"{found.number:,}"),
        (("chance to be drawn", "抽中概率"), f"{found.probability} ({float(found.probability):.2%})"),
    ]
    if found.position is not None:
        rows += [(("ticket", "签号"), str(found.ticket)), (("position", "位次"), f"{found.position:,}")]
    if found.floor_position is not None:
        rows += [(("ticket of the random floor", "不分等级抽查签号"), str(found.floor_ticket))]
        rows += [(("position, of those drawn", "位次／抽取数"), f"{found.floor_position:,} / {found.floor_number:,}")]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(Text(pick(name, lang), style="dim"), Text(value))
    parts: list[RenderableType] = [Text(f"{found.enterprise}  ({made.commitment.draw_id})", style="bold"), grid, Text(outcome(found, lang), style="bold")]
    if not found.agrees:
        parts.append(Text(pick(("no: the drawn file says otherwise", "否：抽中名单与此不符"), lang), style="bold red"))
    if made.seed is not None:
        text = f"{made.commitment.draw_id}|{made.seed}|{found.enterprise}".replace("'", "'\\''")
        parts.append(Text(pick(("check the ticket by hand:", "手工核对签号："), lang), style="dim"))
        parts.append(Text(f"  printf '%s' '{text}' | sha256sum", no_wrap=True, overflow="ignore"))
    return parts


def outcome(found: Standing, lang: str) -> str:
    """Whether one enterprise was drawn, in a sentence."""
    from ..words import pick

    if found.position is None:
        return pick(("in the frame; nothing is drawn yet", "在名单中；尚未抽签"), lang)
    said = {
        "draw": ("drawn: its position is within the number drawn", "已抽中：位次在抽取数之内"),
        "floor": ("drawn by the random floor", "已由不分等级随机抽查抽中"),
        None: ("not drawn: its position is past the number drawn", "未抽中：位次在抽取数之外"),
    }[found.by]
    words = [pick(said, lang)]
    if found.into:
        words.append(pick(("took the place of {} ({})", "递补{}（{}）"), lang).format(found.into.out, found.into.reason))
    if found.out:
        words.append(pick(("was replaced by {} ({})", "已由{}递补（{}）"), lang).format(found.out.into, found.out.reason))
    return pick(("; ", "；"), lang).join(words)


def redraw_tables(made: Draw, lang: str) -> list[RenderableType]:
    """The last redraw, in a sentence."""
    from rich.text import Text

    from ..words import pick

    last = made.redraws[-1]
    line = pick(("{} takes the place of {} in {}: {}", "{2}层：{1}由{0}递补，原因：{3}"), lang).format(last.into, last.out, last.stratum, last.reason)
    return [Text(line, style="bold"), *paths([(("record", "记录"), made.record)], lang), *published(made, lang)]
