"""The public's page in a real Chromium: it says yes to a true draw and no to a changed one, naming what was changed.

The files are written by `draw_files`, with hashlib and straight from the contract; the vectors in `tests/inspection/vectors` were worked out by a
third program. So yes here means that three ways of drawing agree.
"""

from __future__ import annotations

import datetime as dt
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine.inspection.draw import Quota
from regengine.inspection.draw.record import commit, read_draw, redraw, reveal, verify
from regengine.inspection.rules import PlanRules
from regengine.problems import ProblemError
from regengine.report.verify_page import CARRIED, page_with, part, verify_page

from .chromium import Chromium, Page, chromium
from .draw_files import DrawFiles, entries, record_text, sha256, write_draw

VECTORS = json.loads((Path(__file__).parents[1] / "inspection" / "vectors" / "draw.json").read_text("utf-8"))["cases"]
CHECKS = ["record", "chain", "manifest", "order", "counts", "quotas", "drawn-file", "tickets", "drawn", "floor", "probabilities", "redraws"]
ODD = {"企业-示例-1": "C", "e-Ünïcode": "B", "Comma, Ltd": "C", 'The "Quoted"': "D", "O'Neill & </script> $HOME": "D", "𝒳-astral": "C", "ﬁ-ligature": "C"}
FRAME = {f"914100{n:02d}MA": "AAAAAABBCD"[n % 10] for n in range(60)} | ODD
QUOTAS = {"A": {"ratio": "1/20", "at_most": 9}, "B": {"ratio": "1/10", "at_least": 3}, "C": {"ratio": "1/5"}, "D": {"ratio": "1/2"}}

Change = Callable[[DrawFiles], object]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as one:
        yield one


@pytest.fixture
def files(tmp_path: Path) -> DrawFiles:
    """A true draw of 67 enterprises with a random floor and two redraws."""
    return write_draw(tmp_path, FRAME, QUOTAS, floor="1/10", redraws=["D", "floor"])


def written(files: DrawFiles, folder: Path, limit: int = CARRIED) -> str:
    """The page with these files in it; the address where it stands."""
    path = folder / "page.html"
    path.write_text(page_with(files.held, limit), "utf-8")
    return path.as_uri()


def verdict(page: Page) -> str:
    return str(page.wait("document.body.dataset.verdict"))


def states(page: Page) -> dict[str, str]:
    """Each check and how it came out."""
    return dict(page.run("[...document.querySelectorAll('[data-check]')].map((one) => [one.dataset.check, one.dataset.state])"))


def wrong(page: Page) -> set[str]:
    return {check for check, state in states(page).items() if state == "no"}


def look_up(page: Page, key: str) -> str:
    page.run(f"byId('key').value = {json.dumps(key)}; document.querySelector('#look-up-form button').click()")
    return "\n".join(page.texts("#one"))


def shell(command: str, folder: Path) -> str:
    return subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True, text=True).stdout


# what it says yes to


@pytest.mark.parametrize("case", VECTORS, ids=[case["draw_id"] for case in VECTORS])
def test_it_reaches_the_vectors(browser: Chromium, case: dict[str, Any], tmp_path: Path) -> None:
    files = write_draw(tmp_path, case["frame"], case["quotas"], draw_id=case["draw_id"], seed=case["seed"])
    assert sha256(files.manifest.read_bytes()) == case["manifest_sha256"]
    drawn = [(stratum, each["key"], each["ticket"]) for stratum, found in case["strata"].items() for each in found["drawn"]]
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "yes"
        assert [tuple(row) for row in page.run("last.draw.rows().map((row) => [row.stratum, row.enterprise, row.ticket])")] == drawn
        for stratum, found in case["strata"].items():
            n, name = len(found["drawn"]), json.dumps(stratum)
            assert page.run(f"last.draw.strata.get({name}).order.slice({n}, {n + 2}).map((line) => last.manifest.key(line))") == found["next"][:2]
            assert page.run(f"last.draw.strata.get({name}).population") == found["population"]


def test_it_says_yes_to_a_true_draw_with_floor_redraws_and_odd_names(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "yes"
        assert states(page) == dict.fromkeys(CHECKS, "yes")
        assert page.texts("#verdict h2") == ["Yes, this draw is right."]


def test_the_program_and_the_page_agree(browser: Chromium, tmp_path: Path) -> None:
    rules = PlanRules("cn/samr-2022", "1.0", "0" * 64, team=2, caps=(), gap=None, quiet=(), triggers={}, random_floor=Fraction(1, 10))
    frame = pl.DataFrame({"enterprise": list(FRAME), "stratum": list(FRAME.values())})
    quotas = {name: Quota(Fraction(quota["ratio"]), quota.get("at_least"), quota.get("at_most")) for name, quota in QUOTAS.items()}
    committed = commit(
        tmp_path, "zone", frame, quotas, draw_id="zone-2026-q1", random_floor=rules.random_floor, rules=rules,
        law_at=dt.date(2026, 1, 1), as_of=dt.date(2026, 1, 5), seed_from="the lottery of 6 January",
    )  # fmt: skip
    page_file = tmp_path / "page.html"
    page_file.write_text(verify_page(committed), "utf-8")
    with browser.page(page_file.as_uri()) as page:
        assert verdict(page) == "open"
    [revealed] = reveal([committed], "06 11 19")
    for stratum in ("D", "floor", "A"):
        drawn = revealed.drawn().filter(pl.col("stratum") == stratum).get_column("enterprise")[-1]
        revealed = redraw(revealed, drawn, "closed | 停业")
    page_file.write_text(verify_page(revealed), "utf-8")
    with browser.page(page_file.as_uri()) as page:
        assert verdict(page) == "yes"
        assert states(page) == dict.fromkeys(CHECKS, "yes")


def test_the_program_says_yes_to_what_was_written_by_hand(files: DrawFiles) -> None:
    assert verify(read_draw(files.record)) == []


def test_before_the_reveal_it_says_that_nothing_is_drawn_yet(browser: Chromium, tmp_path: Path) -> None:
    files = write_draw(tmp_path, FRAME, QUOTAS, seed=None)
    page_file = tmp_path / "page.html"
    page_file.write_text(page_with({"record": files.record, "manifest": files.manifest}), "utf-8")
    with browser.page(page_file.as_uri()) as page:
        assert verdict(page) == "open"
        assert {check for check, state in states(page).items() if state == "yes"} == {"record", "chain", "manifest", "order", "counts", "quotas"}
        assert "not drawn yet" in look_up(page, "企业-示例-1")
    files.manifest.write_text(files.manifest.read_text("utf-8").replace("|A\n", "|B\n", 1), "utf-8")
    page_file.write_text(page_with({"record": files.record, "manifest": files.manifest}), "utf-8")
    with browser.page(page_file.as_uri()) as page:
        assert verdict(page) == "no"
        assert wrong(page) == {"manifest", "counts"}


@pytest.mark.parametrize(
    ("quota", "population", "number"),
    [
        ({"ratio": "0", "at_least": 3}, 10, 0),
        ({"ratio": "1/3"}, 10, 4),
        ({"ratio": "1/3"}, 9, 3),
        ({"ratio": "1/50", "at_least": 4}, 7, 4),
        ({"ratio": "1/50", "at_least": 9}, 7, 7),
        ({"ratio": "1/2", "at_most": 3}, 100, 3),
        ({"ratio": "1/100", "at_least": 6, "at_most": 5}, 100, 5),
        ({"ratio": "1"}, 0, 0),
        ({"ratio": "1/3"}, 3_000_000_000_000_001, 1_000_000_000_000_001),  # as floats, a third of this is one less
        ({"ratio": "7/100"}, 100, 7),  # 0.07 * 100 is over 7
    ],
)
def test_the_number_to_draw_is_exact(browser: Chromium, quota: dict[str, Any], population: int, number: int, empty: str) -> None:
    with browser.page(empty) as page:
        assert page.run(f"numberToDraw({json.dumps(quota)}, {population})") == number


def test_probabilities_are_exact(browser: Chromium, empty: str) -> None:
    with browser.page(empty) as page:
        assert page.run("fractionText(probability(1, 36, 0, 0))") == "1/36"
        assert page.run("fractionText(probability(2, 10, 4, 20))") == "9/25"  # 1/5 + 4/5 * 1/5
        assert page.run("fractionText(probability(6, 6, 0, 0))") == "1"
        assert page.run("fractionText(probability(0, 6, 0, 6))") == "0"
        assert page.run("percent([1n, 3n])") == "33.33%"


# what it says no to


def edit(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8", newline="\n")


def edit_record(files: DrawFiles, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change entries of a record and mend its chain, as one who wants to deceive would."""
    found = entries(files.record)
    change(found)
    files.record.write_text(record_text(found), "utf-8", newline="\n")


def rewrite(files: DrawFiles, kind: str, text: str) -> None:
    """Replace the manifest or the drawn file, with the record saying the hash of the new one."""
    getattr(files, kind).write_text(text, "utf-8", newline="\n")
    at, name = {"manifest": (0, "manifest_sha256"), "drawn": (1, "drawn_sha256")}[kind]
    edit_record(files, lambda found: found[at].update({name: sha256(text)}))


def rows(files: DrawFiles) -> list[str]:
    return files.drawn.read_text("utf-8").splitlines(keepends=True)


def swap(files: DrawFiles, one: int, other: int) -> None:
    lines = rows(files)
    lines[one], lines[other] = lines[other], lines[one]
    rewrite(files, "drawn", "".join(lines))


def not_drawn(files: DrawFiles) -> str:
    """An enterprise of stratum A that was not drawn."""
    return next(key for key, stratum in FRAME.items() if stratum == "A" and key not in files.drawn.read_text("utf-8"))


def drawn_of_a(files: DrawFiles) -> str:
    return rows(files)[1].split(",")[2]


FAULTS: dict[str, tuple[Change, set[str]]] = {
    "one stratum changed": (lambda f: edit(f.manifest, f"{not_drawn(f)}|A", f"{not_drawn(f)}|B"), {"manifest", "counts", "probabilities", "drawn"}),
    "one enterprise removed": (lambda f: edit(f.manifest, f"{drawn_of_a(f)}|A\n", ""), {"manifest", "counts", "probabilities", "drawn"}),
    "a manifest that is not in order": (
        lambda f: rewrite(f, "manifest", "".join(reversed(f.manifest.read_text("utf-8").splitlines(keepends=True)))),
        {"order"},
    ),
    "an enterprise twice": (
        lambda f: edit(f.manifest, "企业-示例-1|C\n", "企业-示例-1|C\n企业-示例-1|C\n"),
        {"manifest", "order", "counts", "quotas", "drawn", "probabilities"},
    ),
    "another seed": (lambda f: edit_record(f, lambda found: found[1].update(seed="06 11 20")), {"tickets", "drawn", "floor", "redraws"}),
    "another draw id": (lambda f: edit_record(f, lambda found: found[0].update(draw_id="zone-2026-q2")), {"tickets", "drawn", "floor", "redraws"}),
    "another in the drawn file": (lambda f: edit(f.drawn, drawn_of_a(f), not_drawn(f)), {"drawn-file", "tickets", "drawn"}),
    "another in the drawn file, and its hash in the record": (
        lambda f: rewrite(f, "drawn", f.drawn.read_text("utf-8").replace(drawn_of_a(f), not_drawn(f))),
        {"tickets", "drawn"},
    ),
    "two of a stratum in the wrong order": (lambda f: swap(f, 3, 4), {"drawn"}),
    "two of the random floor in the wrong order": (lambda f: swap(f, -1, -2), {"floor"}),
    "a stratum after the random floor": (lambda f: rewrite(f, "drawn", "".join([rows(f)[0], *rows(f)[2:], rows(f)[1]])), {"drawn"}),
    "one left out of the drawn file": (lambda f: rewrite(f, "drawn", "".join(rows(f)[:-1])), {"floor"}),
    "another ticket in the drawn file": (
        lambda f: rewrite(f, "drawn", re.sub(r",[0-9a-f]{64},", f",{'0' * 64},", f.drawn.read_text("utf-8"), count=1)),
        {"tickets"},
    ),
    "another probability": (lambda f: rewrite(f, "drawn", re.sub(r",\d+/\d+\n", ",1/7\n", f.drawn.read_text("utf-8"), count=1)), {"probabilities"}),
    "a drawn file of other columns": (lambda f: rewrite(f, "drawn", f.drawn.read_text("utf-8").replace("ticket", "hash", 1)), {"drawn-file"}),
    "a quota edited": (lambda f: edit(f.record, '"ratio":"1/2"', '"ratio":"1/9"'), {"chain", "quotas", "drawn", "probabilities", "redraws"}),
    "a quota edited, and the chain mended": (
        lambda f: edit_record(f, lambda found: found[0]["quotas"].update(D={"ratio": "1/9"})),
        {"quotas", "drawn", "probabilities", "redraws"},
    ),
    "a quota of a stratum that is not there": (lambda f: edit_record(f, lambda found: found[0]["quotas"].update(E={"ratio": "1/9"})), {"quotas"}),
    "another number drawn in the record": (lambda f: edit_record(f, lambda found: found[1]["drawn"].update(A=9)), {"quotas"}),
    "another number of the random floor": (lambda f: edit_record(f, lambda found: found[1].update(floor=1)), {"quotas"}),
    "another frame in the record": (lambda f: edit_record(f, lambda found: found[0]["frame"].update(A=1)), {"counts"}),
    "the wrong one redrawn": (lambda f: edit_record(f, lambda found: found[2].update({"in": "e-Ünïcode"})), {"redraws"}),
    "one redrawn who was not drawn": (lambda f: edit_record(f, lambda found: found[2].update(out="e-Ünïcode")), {"redraws"}),
    "another ticket of a redraw": (lambda f: edit_record(f, lambda found: found[2].update(ticket="0" * 64)), {"redraws"}),
    "an entry taken out": (lambda f: edit(f.record, f.record.read_text("utf-8").splitlines(keepends=True)[2], ""), {"chain"}),
    "the last entry cut": (lambda f: f.record.write_bytes(f.record.read_bytes()[:-9]), {"record"}),
    "the last line end cut": (lambda f: f.record.write_bytes(f.record.read_bytes()[:-1]), {"record"}),
    "spaces in the record": (lambda f: edit(f.record, '"entry":"redraw"', '"entry": "redraw"'), {"record"}),
    "another algorithm": (lambda f: edit_record(f, lambda found: found[0].update(algorithm="mine")), {"record"}),
    "a name that no entry has": (lambda f: edit_record(f, lambda found: found[0].update(note="")), {"record"}),
    "a name that is missing": (lambda f: edit_record(f, lambda found: found[0].pop("seed_from")), {"record"}),
    "a ratio over 1": (lambda f: edit_record(f, lambda found: found[0]["quotas"].update(A={"ratio": "3/2"})), {"record"}),
    "a record without a commitment": (lambda f: edit_record(f, lambda found: found.pop(0)), {"record"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_says_no_and_names_what_was_changed(browser: Chromium, files: DrawFiles, tmp_path: Path, fault: str) -> None:
    change, named = FAULTS[fault]
    change(files)
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "no"
        assert wrong(page) == named
        assert all(page.texts("[data-state=no] ul"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"a|b|C\n", "line 1 is not `enterprise|stratum`: a|b|C"),
        (b"|C\n", "line 1 is not `enterprise|stratum`: |C"),
        (b"a\tb|C\n", "line 1 is not"),
        (b"a\xff|C\n", "line 1 is not `enterprise|stratum`: not UTF-8"),
        (b"a|C", "the last line has no line end"),
    ],
)
def test_a_manifest_of_another_form_is_told(browser: Chromium, tmp_path: Path, line: bytes, says: str, empty: str) -> None:
    files = write_draw(tmp_path, {"a": "C"}, {"C": {"ratio": "1"}})
    files.manifest.write_bytes(line)
    with browser.page(empty) as page:
        page.choose("#record-file", files.all)
        assert verdict(page) == "no"
        assert "order" in wrong(page)
        assert says in page.texts("[data-check=order]")[0]


def test_a_stratum_called_floor_beside_a_random_floor_is_refused(browser: Chromium, tmp_path: Path) -> None:
    files = write_draw(tmp_path, {"a": "floor", "b": "A"}, {"floor": {"ratio": "1"}, "A": {"ratio": "0"}}, floor="1/2")
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "no"
        assert "record" in wrong(page)


# how the files come in


@pytest.fixture
def empty(tmp_path: Path) -> str:
    path = tmp_path / "empty.html"
    path.write_text(verify_page(), "utf-8")
    return path.as_uri()


def test_the_files_are_chosen_one_by_one_whatever_their_names(browser: Chromium, files: DrawFiles, empty: str, tmp_path: Path) -> None:
    with browser.page(empty) as page:
        for kind in files.held:
            assert page.run("document.body.dataset.verdict") is None
            page.choose(f"#{kind}-file", [getattr(files, kind).rename(tmp_path / f"{kind}.dat")])
            page.wait(f"byId('{kind}-name').dataset.there === 'true'")
        assert verdict(page) == "yes"


def test_another_file_is_verified_anew(browser: Chromium, files: DrawFiles, empty: str) -> None:
    with browser.page(empty) as page:
        page.choose("#record-file", files.all)
        assert verdict(page) == "yes"
        edit(files.manifest, "|A\n", "|B\n")
        page.choose("#manifest-file", [files.manifest])
        page.wait("document.body.dataset.verdict === 'no'")
        assert "manifest" in wrong(page)


def test_files_are_dropped_on_the_page(browser: Chromium, files: DrawFiles, empty: str) -> None:
    held = json.dumps({path.name: path.read_text("utf-8") for path in files.all} | {"photo.png": "?"})
    steps = f"const all = new DataTransfer(); for (const [name, text] of Object.entries({held})) all.items.add(new File([text], name));"
    with browser.page(empty) as page:
        page.run(f"{steps} document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: all, bubbles: true, cancelable: true }})); 0")
        assert verdict(page) == "yes"
        assert page.texts("#strange") == ["Not a file of a draw: photo.png"]


def test_what_is_too_large_to_carry_is_asked_for(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    with browser.page(written(files, tmp_path, limit=100)) as page:
        assert page.texts("#record-name, #manifest-name, #drawn-name") == [
            f"zone.draw.jsonl ({files.record.stat().st_size:,} B)",
            "not chosen yet",
            "not chosen yet",
        ]
        page.choose("#manifest-file", [files.manifest, files.drawn])
        assert verdict(page) == "yes"


@pytest.mark.parametrize(("data", "code"), [(None, "file-missing"), (b"\xff|A\n", "file-encoding")])
def test_a_file_that_cannot_be_carried_is_refused(files: DrawFiles, data: bytes | None, code: str) -> None:
    files.manifest.unlink() if data is None else files.manifest.write_bytes(data)
    with pytest.raises(ProblemError) as caught:
        verify_page(read_draw(files.record))
    assert [(problem.code, problem.place.file) for problem in caught.value.problems] == [(code, str(files.manifest))]


# SHA-256, with and without the browser's own


def test_its_own_sha256_reaches_the_published_vectors(browser: Chromium, empty: str) -> None:
    vectors = {  # FIPS 180-4's examples, and the empty message
        "''": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "'abc'": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'": "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "'a'.repeat(1000000)": "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    }
    with browser.page(empty) as page:
        assert {text: page.run(f"hex(plainDigest(encoder.encode({text})))") for text in vectors} == vectors


def test_its_own_sha256_agrees_with_the_browsers(browser: Chromium, empty: str) -> None:
    compare = "hex(plainDigest(bytes.subarray(1, n))) !== await sha256(bytes.subarray(1, n))"
    with browser.page(empty) as page:
        assert page.run("isSecureContext && subtle instanceof SubtleCrypto")  # a file's own page has Web Crypto
        page.run("globalThis.bytes = crypto.getRandomValues(new Uint8Array(300)); globalThis.wrong = []")
        assert page.run(f"(async () => {{ for (let n = 1; n < 300; n += 1) if ({compare}) wrong.push(n); return wrong; }})()") == []


class Silent(http.server.SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - what every request of the test asked for

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.asked.append(self.path)


def test_over_plain_http_it_computes_by_itself_and_reaches_nothing(files: DrawFiles, tmp_path: Path) -> None:
    written(files, tmp_path)
    Silent.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with chromium(["--host-resolver-rules=MAP draw.test 127.0.0.1"]) as browser, browser.page(f"http://draw.test:{server.server_port}/page.html") as page:
            assert verdict(page) == "yes"
            assert page.run("isSecureContext || subtle !== undefined") is False
            assert page.run("fetch('/page.html').then(() => 'reached', () => 'refused')") == "refused"
    finally:
        server.shutdown()
        server.server_close()
    assert set(Silent.asked) == {"/page.html"}
    assert len(Silent.asked) == 1


# what people read


def test_the_script_says_each_text_in_both_languages(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    edit(files.manifest, "|A\n", "|B\n")
    with browser.page(written(files, tmp_path), "zh-CN") as page:
        assert verdict(page) == "no"
        assert page.texts("#verdict h2") == ["否，本次抽签未通过核验。"]
        assert page.run("document.title") == "核验抽签结果"
        alone = "[...document.querySelectorAll('span[lang=en]')].filter((one) => !one.nextElementSibling || one.nextElementSibling.lang !== 'zh-CN').length"
        assert page.run(alone) == 0
        page.run("document.querySelector('[data-speak=en]').click()")
        assert page.texts("#verdict h2") == ["No, this draw does not verify."]
        assert page.run("document.documentElement.lang + document.title") == "enCheck a draw"


def test_no_chinese_on_the_english_page_but_the_name_of_the_language(browser: Chromium, empty: str) -> None:
    with browser.page(empty) as page:
        assert re.findall(r"[\u3400-\u9fff]+", page.texts("body")[0]) == ["中文"]
    with browser.page(empty, "zh-TW") as page:
        assert "Which enterprises" not in page.texts("body")[0]


def test_one_enterprise_is_looked_up(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    found = entries(files.record)
    drawn = [row.split(",") for row in rows(files)[1:]]
    floor = next(cells for cells in drawn if cells[0] == "floor" and cells[2] != found[3]["out"])
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "yes"
        first = look_up(page, f"  {drawn_of_a(files)} ")
        assert "drawn" in first and "1 of 36; the first 2 are drawn" in first and drawn[0][3] in first
        assert drawn[0][4].strip() in first
        assert page.texts("[data-result]") == ["drawn"]
        look_up(page, not_drawn(files))
        assert page.texts("[data-result]") == ["not drawn"]
        assert floor[3] in look_up(page, floor[2])
        assert page.texts("[data-result]") == ["drawn by the random floor"]
        look_up(page, found[2]["out"].replace('""', '"'))
        assert page.texts("[data-result]") == [f"drawn, then replaced by {found[2]['in']}: closed"]
        look_up(page, found[3]["in"])
        assert page.texts("[data-result]") == [f"drawn in place of {found[3]['out']}"]
        look_up(page, "nobody")
        assert page.texts("[data-result]") == ["nobody is not in this manifest, so it could not be drawn."]


@pytest.mark.parametrize("key", ODD)
def test_the_command_for_one_enterprise_gives_its_ticket(browser: Chromium, files: DrawFiles, tmp_path: Path, key: str) -> None:
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "yes"
        look_up(page, key)
        assert shell(page.texts("[data-step=one]")[0], tmp_path).split()[0] == sha256(f"zone-2026-q1|06 11 19|{key}")


def test_the_commands_by_hand_give_what_the_page_says_they_do(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    found = entries(files.record)
    with browser.page(written(files, tmp_path)) as page:
        assert verdict(page) == "yes"
        steps: dict[str, str] = dict(page.run("[...document.querySelectorAll('#steps [data-step]')].map((one) => [one.dataset.step, one.innerText])"))
    said = {step: shell(command, tmp_path) for step, command in steps.items()}
    assert said["manifest"].split()[0] == found[0]["manifest_sha256"]
    assert said["order"] == ""
    assert said["counts"].split() == ["36", "A", "13", "B", "10", "C", "8", "D"]
    assert said["ticket"].split()[0] == sha256(f"zone-2026-q1|06 11 19|{min(FRAME, key=str.encode)}")
    assert [line.split(" ", 1)[0] for line in said["stratum"].splitlines()] == [row.rsplit(",", 2)[1] for row in rows(files) if row.startswith("D,")]
    assert said["chain"].split()[0] == found[1]["previous"]
    assert said["drawn"].split()[0] == found[1]["drawn_sha256"]


@pytest.mark.parametrize("lang", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(browser: Chromium, files: DrawFiles, tmp_path: Path, lang: str, width: int) -> None:
    edit(files.manifest, "|A\n", "|B\n")
    with browser.page(written(files, tmp_path), lang, width) as page:
        verdict(page)
        look_up(page, "企业-示例-1")
        assert page.run("document.documentElement.scrollWidth") <= width


def test_on_paper_there_is_the_verdict_and_nothing_to_press(browser: Chromium, files: DrawFiles, tmp_path: Path) -> None:
    with browser.page(written(files, tmp_path)) as page:
        verdict(page)
        page.call("Emulation.setEmulatedMedia", media="print")
        assert page.run("byId('verdict').offsetHeight") > 0
        assert page.run("[...document.querySelectorAll('button, input, label, progress')].filter((one) => one.offsetHeight > 0).length") == 0


def test_a_hundred_thousand_enterprises_with_the_progress_shown(browser: Chromium, tmp_path: Path, empty: str) -> None:
    frame = {f"91410000{n:06d}": "AAAAAABBCD"[n % 10] for n in range(100_000)}
    # 60 + 200 + 200 + 500 by strata, and 100 of the 99,040 that remain
    files = write_draw(tmp_path, frame, {"A": {"ratio": "1/1000"}, "B": {"ratio": "1/100"}, "C": {"ratio": "1/50"}, "D": {"ratio": "1/20"}}, floor="1/1000")
    watch = "new MutationObserver(() => seen.add(byId('bar').value)).observe(byId('bar'), { attributes: true }); 0"
    with browser.page(empty) as page:
        page.run(f"globalThis.seen = new Set(); {watch}")
        page.choose("#record-file", files.all)
        assert verdict(page) == "yes"
        assert page.run("seen.size") > 3
        assert "The first 200 of 1,060" in page.texts("#drawn")[0]


def test_the_page_is_one_file_that_names_no_other() -> None:
    page = verify_page()
    assert not re.findall(r"""\b(?:src|href|action)\s*=|@import|url\(|https?:""", page)
    assert page.count("<script") == 1
    assert "default-src 'none'" in page


def test_the_page_says_what_it_cannot_know() -> None:
    text = part("body.html")
    assert "When the commitment was published" in text and "承诺何时公布" in text
