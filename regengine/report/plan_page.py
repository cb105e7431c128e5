"""A plan of inspections as one page of HTML for the office: on a screen, a telephone and paper, without network and without script.

Guarantees: every number of the plan's tables that is shown is theirs, each quota stands beside the clause behind it, and every draw beside what recomputes it.
The load is a picture in SVG of our own: Plotly needs 4.8 MB of script in the page, pygal writes 60 kB for a year with letters that shrink
with the screen, and both put something new into each run.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from html import escape

import polars as pl

from ..inspection.draw.tickets import ticket_of
from ..inspection.frame import LEFT_OUT
from ..inspection.schedule.joint import JointRate
from ..inspection.tables import DrawUsed, PlanTables
from ..inspection.visit import DRAW
from ..words import pick
from . import html
from .plan_tables import RULES, percent
from .tables import bound_words

__all__ = ["plan_page"]

Rows = Iterable[Sequence[str]]
MOST = 200  # visits without a day that are named one by one
HEAD, HEIGHT, FOOT = 14, 120, 18  # of the number above the bars, of the bars, and of the months under them
THURSDAY = dt.timedelta(days=3)
VISITS, CAPACITY = "#2f6690", "#d9e4ec"
STYLE = """
body { max-width: 66rem; } h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; border-top: 2px solid #1a1a1a; padding-top: .6rem; margin: 2.25rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
.notice { color: #1a1a1a; border-left: 4px solid #1a1a1a; padding: .3rem .8rem; margin: 1rem 0; } .no { color: #9b1c1c; font-weight: 600; } .pairs th { width: 12rem; vertical-align: top; padding-right: 1rem; }
code, pre { font: .82rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere; } pre { background: #f4f4f4; padding: .5rem .75rem; white-space: pre-wrap; margin: .35rem 0; }
svg { display: block; width: 100%; margin: .5rem 0 .25rem; font: 12px system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif; fill: #444; } .legend i { display: inline-block; width: .8em; height: .8em; margin: 0 .4em 0 .8em; } summary { cursor: pointer; color: #14507a; }
@media (max-width: 600px) { th, td { min-width: 0; padding-right: .5rem; } .n { padding-right: .4rem; } .pairs tr { display: block; padding: .3rem 0; border-bottom: 1px solid #ddd; } .pairs th, .pairs td { display: block; width: auto; border: 0; padding: 0; } .texts .wide td { display: block; text-align: left; } .texts .wide td::before { display: block; } }
@media print { body { max-width: none; font-size: 10.5pt; padding: 0; } section { break-inside: auto; } h2, h3, .legend { break-after: avoid; } tr, pre, svg { break-inside: avoid; } details:not([open]) { display: none; } * { print-color-adjust: exact; } }
""".strip()  # noqa: E501 - a style sheet


def plan_page(tables: PlanTables, lang: str = "en") -> str:
    """The page in English (`en`) or Chinese (`zh`)."""
    return Page(tables, lang).whole()


class Page:
    """The page of one plan in one language."""

    def __init__(self, tables: PlanTables, lang: str) -> None:
        self.tables, self.lang = tables, lang
        self.labels = {id_: tables.department(id_, lang) for id_ in dict.fromkeys((*tables.departments, *tables.visits.get_column("department")))}

    def whole(self) -> str:
        title = self.tables.title.say(self.lang)
        sections = [
            (self.say("What is needed and what is there", "需求与能力"), self.feasibility()),
            (self.say("Strata and quotas", "分层与抽查数量"), self.strata()),
            (self.say("Visits", "检查安排"), self.visits()),
            (self.say("Load by week", "每周工作量"), self.load()),
            (self.say("Visits without a day", "未能安排的检查"), self.unplaced()),
            (self.say("Who was left out", "不在抽查范围的对象"), self.left_out()),
            (self.say("Notices", "提示"), self.notices()),
            (self.say("The draws, and how to verify them", "抽签及其核验"), self.draws()),
        ]
        body = [self.head(title), *(f"<section>\n<h2>{escape(name)}</h2>\n{''.join(parts)}\n</section>" for name, parts in sections)]
        return html.page(title, body, self.lang, STYLE)

    def say(self, en: str, zh: str) -> str:
        return pick((en, zh), self.lang)

    def table(self, heads: Sequence[str], rows: Rows, numbers: Iterable[int] = (), *, fits: bool = False) -> str:
        """A table; one that `fits` stays one on a telephone."""
        return html.table(heads, rows, numbers=set(numbers), stacked=len(heads) + 1 if fits else html.STACKED)

    def text(self, en: str, zh: str) -> str:
        return f"<p>{escape(self.say(en, zh))}</p>"

    # the head of the page

    def head(self, title: str) -> str:
        """What the plan is: by which law, of which days, how much."""
        tables, rulebook = self.tables, self.tables.rulebook
        placed, visits = tables.placed, tables.visits
        hours = float(placed.select((pl.col("hours") * pl.col("inspectors").list.len()).sum()).item())
        pairs = [
            (self.say("Rulebook", "规则集"), escape(self.say(f"{rulebook.id}, edition {rulebook.edition}", f"{rulebook.id}，第{rulebook.edition}版"))),
            (self.say("Digest", "摘要值"), f"<code>{escape(rulebook.digest)}</code>"),
            (self.say("Law of", "法规日期"), str(tables.law_at)),
            (self.say("Facts of", "事实截至"), str(tables.as_of)),
            (self.say("Days", "计划期间"), f"{tables.first} – {tables.last}"),
            (
                self.say("Visits", "检查次数"),
                self.say(f"{visits.height:,}, of which {placed.height:,} have a day", f"{visits.height:,}次，其中{placed.height:,}次已安排日期"),
            ),
            (self.say("Enterprises", "检查对象"), f"{visits.get_column('enterprise').n_unique():,}"),
            (self.say("Inspectors", "检查人员"), f"{len(tables.inspectors):,}"),
            (self.say("Hours of inspectors", "检查人员工时"), f"{hours:,.0f}"),
        ]
        office = self.text("For the office: not for publication. What may be published is in public.csv.", "内部使用，不得公开。可公开内容见public.csv。")
        notice = f'<p class="notice">{escape(rulebook.notice.say(self.lang))}</p>' if rulebook.notice else ""
        return f"<header>\n<h1>{escape(title)}</h1>\n{office}{notice}{self.pairs(pairs)}\n</header>"

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> str:
        """Names with their values, which are HTML."""
        return '<table class="pairs"><tbody>\n' + "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>\n" for name, value in pairs) + "</tbody></table>"

    # before the draw

    def feasibility(self) -> Iterator[str]:
        """Places on teams that the visits need, beside those that inspectors have."""
        names = {
            "drawn": ("Drawn", "抽取"), "floor": ("Random floor", "随机底数"), "required": ("Required", "应查"), "triggered": ("Triggered", "触发"),
            "owed": ("Owed from before", "前期结转"), "visits": ("Visits", "检查次数"), "team": ("Inspectors on each", "每次人数"),
            "needed": ("Places needed", "所需人次"), "inspectors": ("Inspectors", "检查人员"), "capacity": ("Places there", "可用人次"),
        }  # fmt: skip
        found = self.tables.feasibility.rows(named=True)
        rows = [[self.say(*pair), *(f"{one[name]:,}" for one in found)] for name, pair in names.items()]
        rows.append([self.say("Enough", "是否足够"), *(self.enough(one) for one in found)])
        yield self.table(["", *(self.labels.get(one["department"], one["department"]) for one in found)], rows, range(1, len(found) + 1), fits=True)
        yield self.text("A place is one inspector on one visit.", "人次为一名检查人员参加一次检查。")

    def enough(self, one: Mapping[str, int]) -> str:
        """Whether there are places for all, and inspectors for a team."""
        enough = one["needed"] <= one["capacity"] and (one["inspectors"] >= one["team"] or not one["visits"])
        return self.say("yes", "是") if enough else f'<span class="no">{self.say("no", "否")}</span>'

    def strata(self) -> Iterator[str]:
        """Each quota with the clause behind it."""
        heads = [
            self.say(*pair) for pair in (
                ("Department", "部门"), ("Stratum", "分层"), ("In the frame", "抽查库"), ("Share", "抽查比例"), ("Drawn", "抽取"), ("Probability", "抽中概率"),
                ("Clause", "依据"),
            )
        ]  # fmt: skip
        rows, floors = [], {}
        for row in self.tables.strata.iter_rows(named=True):
            least, most = (None if row[edge] is None else percent(Fraction(row[edge])) for edge in ("ratio_at_least", "ratio_at_most"))
            share = bound_words(least, most, self.lang)
            cells = (self.labels.get(row["department"], row["department"]), row["stratum"], f"{row['population']:,}", share, f"{row['drawn']:,}")
            probability = f"{float(Fraction(row['probability'])):.2%} <small>({row['probability']})</small>"
            rows.append([*map(escape, cells), probability, f"<small>{escape(row['clause'])}</small>"])
            floors[cells[0]] = row["floor"]
        yield self.table(heads, rows, (2, 3, 4, 5))
        for name, floor in floors.items():
            if floor:
                yield self.text(f"{name}: {floor:,} more by the random floor over all grades.", f"{name}：另按不分等级随机抽查抽取{floor:,}户。")
        yield self.text("The probability is that of being drawn at all, the random floor included.", "抽中概率含不分等级随机抽查。")

    # the visits

    def visits(self) -> Iterator[str]:
        """Visits by kind, month and district, and how many trips are joint."""
        rate = self.rate()
        of_trips, of_visits = f"{float(rate.of_trips):.1%}", f"{float(rate.of_visits):.1%}"
        yield self.text(
            f"{rate.visits:,} visits on {rate.trips:,} trips. Joint trips, of two departments or more: {rate.joint_trips:,} ({of_trips}); "
            f"visits on them: {rate.joint_visits:,} ({of_visits}).",
            f"{rate.visits:,}次检查合并为{rate.trips:,}次入企。两个以上部门的联合检查：{rate.joint_trips:,}次入企（{of_trips}），涉及{rate.joint_visits:,}次检查（{of_visits}）。",
        )
        visits = (("Visits", "检查次数"), pl.len()), (("Without a day", "未安排"), pl.col("date").is_null().sum())
        for column, name, title, last in (
            (f"kind_{self.lang}", ("Kind", "检查类型"), ("By kind", "按类型"), (("Owed from before", "前期结转"), pl.col("debt").sum())),
            ("district", ("District", "辖区"), ("By district", "按辖区"), (("Enterprises", "检查对象"), pl.col("enterprise").n_unique())),
        ):
            counts = (*visits, last)
            found = self.tables.visits.group_by(column).agg(count.alias(head) for (head, _), count in counts).sort(column)
            rows = [[escape(first or "–"), *(f"{number:,}" for number in rest)] for first, *rest in found.iter_rows()]
            heads = [self.say(*pair) for pair in (name, *(head for head, _ in counts))]
            yield f"<h3>{escape(self.say(*title))}</h3>{self.table(heads, rows, (1, 2, 3), fits=True)}"
        yield f"<h3>{escape(self.say('By month', '按月'))}</h3>{self.months()}"

    def rate(self) -> JointRate:
        """What of the placed visits is joint."""
        sizes = self.tables.placed.group_by("trip").len().get_column("len").to_list()
        joint = [size for size in sizes if size > 1]
        return JointRate(len(sizes), len(joint), sum(sizes), sum(joint))

    def months(self) -> str:
        """Visits with a day by month and department."""
        placed = self.tables.placed.select(pl.col("date").dt.strftime("%Y-%m"), "department").rows()
        counts, months = Counter(placed), sorted({month for month, _ in placed})
        rows = [[month, *(f"{counts[month, id_]:,}" for id_ in self.labels), f"{sum(counts[month, id_] for id_ in self.labels):,}"] for month in months]
        return self.table([self.say("Month", "月份"), *self.labels.values(), self.say("All", "合计")], rows, range(1, len(self.labels) + 2), fits=True)

    # the load

    def load(self) -> Iterator[str]:
        """A picture for each department, and the numbers of each inspector."""
        yield (
            f'<p class="legend"><i style="background:{VISITS};margin-left:0"></i>{escape(self.say("visits of inspectors", "检查人次"))}'
            f'<i style="background:{CAPACITY}"></i>{escape(self.say("what they could make", "可用人次"))}</p>'
        )
        weeks = self.tables.load.group_by("department", "week").agg(pl.col("visits", "capacity").sum()).sort("week")
        for id_, label in self.labels.items():
            own = weeks.filter(pl.col("department") == id_).select("week", "visits", "capacity").rows()
            if own:
                yield f"<h3>{escape(label)}</h3>{self.bars(own, label)}{self.busiest(own)}"
        names = {one.id: one.name or "" for one in self.tables.inspectors}
        people = self.tables.load.group_by("inspector", "department").agg(pl.col("visits", "capacity").sum()).sort("department", "inspector")
        rows = [
            [escape(id_), escape(names[id_]), escape(self.labels.get(of, of)), f"{visits:,}", f"{capacity:,}", f"{visits / capacity:.0%}" if capacity else "–"]
            for id_, of, visits, capacity in people.iter_rows()
        ]
        pairs = (("Inspector", "编号"), ("Name", "姓名"), ("Department", "部门"), ("Visits", "检查次数"), ("Could make", "可用次数"), ("Used", "占用"))
        table = self.table([self.say(*pair) for pair in pairs], rows, (3, 4, 5))
        yield f"<details><summary>{escape(self.say('By inspector', '按检查人员'))}</summary>{table}</details>"

    def bars(self, weeks: Sequence[tuple[dt.date, int, int]], label: str) -> str:
        """A bar for each week: the visits before what could be made. Letters keep their size on every screen."""
        top = max(max(visits, capacity) for _, visits, capacity in weeks) or 1
        step = Fraction(100, len(weeks))
        parts = [f'<text x="0" y="10">{top:,}</text>']
        free = Fraction(0)
        for place, (week, visits, capacity) in enumerate(weeks):
            said = self.say(f"week of {week}: {visits:,} of {capacity:,}", f"{week}起一周：{visits:,}/{capacity:,}")
            parts.append(
                f"<g><title>{escape(said)}</title>{bar(place * step, step, capacity, top, CAPACITY)}{bar(place * step, step, visits, top, VISITS)}</g>"
            )
            month = (week + THURSDAY).month  # of most of its days
            if (place == 0 or month != (weeks[place - 1][0] + THURSDAY).month) and place * step >= free:
                parts.append(f'<text x="{float(place * step):.2f}%" y="{HEAD + HEIGHT + FOOT - 4}">{month:02}</text>')
                free = place * step + 7
        title = self.say(f"{label}: load by week from {weeks[0][0]} to {weeks[-1][0]}", f"{label}：{weeks[0][0]}至{weeks[-1][0]}每周工作量")
        return f'<svg height="{HEAD + HEIGHT + FOOT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'

    def busiest(self, weeks: Sequence[tuple[dt.date, int, int]]) -> str:
        week, visits, capacity = max(weeks, key=lambda one: one[1])
        every = sum(visits for _, visits, _ in weeks), sum(capacity for _, _, capacity in weeks)
        return self.text(
            f"Most in the week of {week}: {visits:,} of {capacity:,}. In all {every[0]:,} of {every[1]:,}. Numbers under the bars are months.",
            f"{week}起一周最多：{visits:,}/{capacity:,}。合计{every[0]:,}/{every[1]:,}。横轴数字为月份。",
        )

    # what is not in the plan

    def unplaced(self) -> Iterator[str]:
        """Each visit without a day, with the rule that stands in its way and the smallest change that would place it."""
        found = self.tables.unplaced
        if found.is_empty():
            yield self.text("None: every visit has a day.", "无：全部检查均已安排日期。")
            return
        rows = [
            [
                f"{escape(self.labels.get(row['department'], row['department']))}<br><small>{escape(row['enterprise'])}</small>",
                escape(RULES[row["rule"]].say(self.lang) if row["rule"] in RULES else row["rule"]), escape(row[f"why_{self.lang}"] or ""),
                escape(row[f"relaxation_{self.lang}"] or self.say("none was found", "未找到")),
            ]
            for row in found.head(MOST).iter_rows(named=True)
        ]  # fmt: skip
        heads = (("Visit", "检查"), ("Rule", "规则"), ("What stands in its way", "原因"), ("Smallest change that would place it", "可安排的最小调整"))
        yield f'<div class="texts">{self.table([self.say(*pair) for pair in heads], rows)}</div>'
        if found.height > MOST:
            more = found.height - MOST
            yield self.text(f"And {more:,} more, which stand in plan.xlsx.", f"另有{more:,}次，见plan.xlsx。")

    def left_out(self) -> Iterator[str]:
        """How many each department leaves out, by reason."""
        counts = Counter(self.tables.left_out.select("department", "reason").rows())
        if not counts:
            yield self.text("Nobody.", "无。")
            return
        reasons = [*(reason for reason in LEFT_OUT if any(reason == one for _, one in counts))]
        reasons += sorted({reason for _, reason in counts} - set(reasons))
        rows = [
            [escape(LEFT_OUT[reason].say(self.lang) if reason in LEFT_OUT else reason), *(f"{counts[id_, reason]:,}" for id_ in self.labels)]
            for reason in reasons
        ]
        yield self.table([self.say("Reason", "原因"), *self.labels.values()], rows, range(1, len(self.labels) + 1), fits=True)

    def notices(self) -> Iterator[str]:
        """What is told and stops nothing."""
        if not self.tables.notices:
            yield self.text("None.", "无。")
            return
        items = "".join(
            f"<li>{escape(one.message)} <code>{one.code}</code>{f'<br><small>{escape(one.hint)}</small>' if one.hint else ''}</li>\n"
            for one in self.tables.notices
        )
        yield f'<ul lang="en">\n{items}</ul>'

    # the draws

    def draws(self) -> Iterator[str]:
        """Each draw, and three ways to recompute it, of which two do not trust this program."""
        if not self.tables.draws:
            yield self.text("Nothing was drawn.", "本计划未进行抽签。")
            return
        for draw in self.tables.draws:
            pairs = [
                (self.say("Draw", "抽签"), f"<code>{escape(draw.draw_id)}</code>"),
                (self.say("Seed", "种子"), f"<code>{escape(draw.seed)}</code>"),
                (self.say("SHA-256 of the manifest", "名单SHA-256"), f"<code>{escape(draw.manifest_sha256)}</code>"),
                (self.say("Record", "抽签记录"), f"<code>{escape(draw.record)}</code>"),
            ]
            yield f"<h3>{escape(self.labels.get(draw.name, draw.name))}</h3>{self.pairs(pairs)}"
            yield f"<pre>{escape(commands(draw))}</pre>"
            yield self.example(draw)
        yield self.text(
            "The first command asks this program. The second needs nothing but Python and a script of 60 lines, docs/verify_draw.py.",
            "第一条命令由本程序核验；第二条仅需Python和60行的脚本docs/verify_draw.py。",
        )

    def example(self, draw: DrawUsed) -> str:
        """One drawn enterprise whose ticket can be recomputed by hand, where the draw drew one of the visits."""
        for key, ticket in self.tables.visits.filter(pl.col("kind") == DRAW).select("enterprise", "ticket").iter_rows():
            if ticket == ticket_of(draw.draw_id, draw.seed, key):
                line = f"printf '%s' {shlex.quote(f'{draw.draw_id}|{draw.seed}|{key}')} | sha256sum"
                told = self.text("The ticket of one enterprise, without any program of ours:", "不用本程序，单独核验一户的抽签值：")
                return f"{told}<pre>{escape(line)}\n{ticket}</pre>"
        return ""


def commands(draw: DrawUsed) -> str:
    """What recomputes a whole draw."""
    record = shlex.quote(draw.record)
    return f"regengine draw verify {record}\npython3 verify_draw.py {record}"


def bar(left: Fraction, step: Fraction, value: int, top: int, colour: str) -> str:
    height = round(HEIGHT * value / top, 1)
    return f'<rect x="{float(left + step / 10):.2f}%" y="{HEAD + HEIGHT - height:g}" width="{float(step * 4 / 5):.2f}%" height="{height:g}" fill="{colour}"/>'
