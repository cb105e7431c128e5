// What the page shows, and what people do on it. Both languages stand on the page; the language of its root says which is seen.

const ENDINGS = { record: ".draw.jsonl", manifest: ".manifest.txt", drawn: ".drawn.csv" };
const LISTED = 200; // enterprises that the page lists; the drawn file has them all
const TITLE = { en: "Check a draw", "zh-CN": "核验抽签结果" };
const VERDICTS = {
  yes: [["Yes, this draw is right.", "是，本次抽签正确。"], ["Everything below was recomputed in this browser and agrees.", "以下各项均已在本浏览器中重新计算，结果一致。"]],
  no: [["No, this draw does not verify.", "否，本次抽签未通过核验。"], ["What differs is marked below.", "不一致之处已在下方标出。"]],
  open: [["Not drawn yet.", "尚未抽签。"], ["The commitment and the manifest agree; the seed has not been revealed.", "承诺与名单一致；种子尚未公布。"]],
  stopped: [["The check could not be finished.", "核验未能完成。"], ["This says nothing about the draw.", "这不说明抽签是否正确。"]],
};
const MARKS = { yes: ["✓", ["yes", "是"]], no: ["✗", ["no", "否"]], none: ["–", ["not checked", "未核验"]] };

const picked = { record: null, manifest: null, drawn: null };
let last = null; // what was verified last
let run = 0; // a newer run keeps an older one from showing itself

const byId = (id) => document.getElementById(id);
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`; // for a shell

function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat());
  return made;
}

const both = ([en, zh]) => (en === zh ? [en] : [make("span", { lang: "en" }, en), make("span", { lang: "zh-CN" }, zh)]);
const chance = (made) => (made[0] % made[1] === 0n ? fractionText(made) : `${fractionText(made)} (≈ ${percent(made)})`);
const pairs = (list) => list.flatMap(([name, value]) => [make("dt", {}, both(name)), make("dd", {}, value)]);

function speak(lang) {
  document.documentElement.lang = lang;
  document.title = TITLE[lang];
  for (const button of document.querySelectorAll("[data-speak]")) button.setAttribute("aria-pressed", String(button.dataset.speak === lang));
}

function table(heads, rows) {
  const kind = (n) => (heads[n][1] ? { class: heads[n][1] } : {});
  const cell = (value, n) => make("td", kind(n), make("span", { class: "head" }, both(heads[n][0])), make("span", {}, value));
  const head = make("tr", {}, heads.map(([text], n) => make("th", kind(n), both(text))));
  return make("div", { class: "scroll" }, make("table", { class: "wide" }, make("thead", {}, head), make("tbody", {}, rows.map((row) => make("tr", {}, row.map(cell))))));
}

function checkLine(check) {
  const [sign, says] = MARKS[check.state];
  const rest = check.count - check.wrong.length;
  const more = rest ? [[`and ${grouped(rest)} more`, `另有 ${grouped(rest)} 处`]] : [];
  const wrong = make("ul", {}, [...check.wrong, ...more].map((text) => make("li", {}, both(text))));
  const below = check.count ? [wrong] : check.found ? [make("p", {}, both(check.found))] : [];
  const name = make("div", {}, make("b", {}, both(CHECKS[check.id])), make("i", {}, both(says)), below);
  return make("li", { "data-check": check.id, "data-state": check.state }, make("b", { class: "sign", "aria-hidden": "true" }, sign), name);
}

function showFacts({ record, draw }) {
  const [commitment, reveal] = record.entries;
  const { rulebook, random_floor: share } = commitment;
  const floor = draw && draw.floor;
  byId("facts").replaceChildren(...pairs([
    [["Draw", "抽签编号"], commitment.draw_id],
    [["Rulebook", "规则"], `${rulebook.id} · ${rulebook.edition} · ${rulebook.digest}`],
    [["Law at, facts as of", "法规日期、数据日期"], `${commitment.law_at}, ${commitment.as_of}`],
    [["Where the seed comes from", "种子来源"], commitment.seed_from],
    [["Seed", "种子"], reveal ? reveal.seed : both(["not revealed yet", "尚未公布"])],
    ...(share === null ? [] : [[["Random floor", "不分等级随机抽查"], floor ? both([`${share}: ${grouped(floor.number)} of the ${grouped(floor.population)} that remained`, `${share}：从其余 ${grouped(floor.population)} 户中抽取 ${grouped(floor.number)} 户`]) : share]]),
    [["Hash of the commitment", "承诺的哈希值"], record.hashes[0]],
    [["Hash of the last entry", "末条记录的哈希值"], record.hashes[record.hashes.length - 1]],
  ]));
}

function showStrata({ record, draw, manifest }) {
  const bounds = ({ at_least: least, at_most: most }) => [least === undefined ? "" : `≥ ${grouped(least)}`, most === undefined ? "" : `≤ ${grouped(most)}`].filter(Boolean).join(", ");
  const rows = byBytes([...manifest.names]).map((name) => {
    const quota = own(record.entries[0].quotas, name);
    const worked = draw ? [grouped(draw.strata.get(name).number), chance(draw.probability(name))] : ["—", "—"];
    return [name, grouped(manifest.counts[manifest.known.get(name)]), quota ? quota.ratio : "—", (quota && bounds(quota)) || "—", ...worked];
  });
  const heads = [[["Stratum", "层"]], [["Enterprises", "企业数"], "n"], [["Ratio", "比例"], "n"], [["Bounds", "上下限"], "n"], [["Drawn", "抽取数"], "n"], [["Probability", "被抽中概率"], "n"]];
  byId("strata").replaceChildren(table(heads, rows));
}

function showDrawn({ draw, record }) {
  const rows = draw.rows();
  const heads = [[["Stratum", "层"]], [["Position", "位次"], "n"], [["Enterprise", "企业"]], [["Ticket", "签号"], "hash"]];
  const said = (name, floor) => (floor ? ["random floor", "不分等级"] : [name, name]);
  const cells = (row) => [both(said(row.stratum, row.floor)), String(row.position), row.enterprise, row.ticket];
  byId("drawn").replaceChildren(table(heads, rows.slice(0, LISTED).map(cells)));
  if (rows.length > LISTED) byId("drawn").append(make("p", { class: "note" }, both([`The first ${LISTED} of ${grouped(rows.length)}; the drawn file has them all.`, `共 ${grouped(rows.length)} 户，此处列出前 ${LISTED} 户；抽中名单中有全部企业。`])));
  const redraws = record.entries.slice(2).map((entry) => {
    const [en, zh] = said(entry.stratum, ofFloor(entry, draw));
    return both([`${en}: ${entry.in} in place of ${entry.out} (${entry.reason})`, `${zh}：${entry.in} 递补 ${entry.out}（${entry.reason}）`]);
  });
  byId("redrawn").replaceChildren(...redraws.map((text) => make("li", {}, text)));
}

// What is known of one enterprise; null where the manifest does not have it.
function aboutOne(key, { draw, manifest, record }) {
  const line = manifest.find(key);
  if (line < 0) return null;
  const [commitment, reveal, ...redraws] = record.entries;
  const stratum = draw && draw.strata.get(manifest.stratumOf(line));
  if (!draw) return [[["Result", "结果"], both(["not drawn yet", "尚未抽签"])], [["Stratum", "层"], manifest.stratumOf(line)]];
  const facts = [[["Stratum", "层"], stratum.name]];
  const add = (part, [en, zh], id) => {
    const place = part.order.indexOf(line) + 1;
    facts.push(
      [[`Ticket${en}`, `签号${zh}`], part.tickets.of(line)],
      [[`Position${en}`, `位次${zh}`], both([`${grouped(place)} of ${grouped(part.population)}; the first ${grouped(part.number)} are drawn`, `${grouped(part.population)} 户中第 ${grouped(place)} 位；抽取前 ${grouped(part.number)} 位`])],
      [[`By hand${en}`, `手工核对${zh}`], make("code", { "data-step": "one" }, `printf '%s' ${quoted(`${id}|${reveal.seed}|${key}`)} | sha256sum`)],
    );
    return place > 0 && place <= part.number;
  };
  let result = add(stratum, ["", ""], commitment.draw_id) ? ["drawn", "抽中"] : ["not drawn", "未抽中"];
  if (draw.floor && result[0] !== "drawn" && add(draw.floor, [", random floor", "（不分等级）"], `${commitment.draw_id}/${FLOOR}`)) result = ["drawn by the random floor", "由不分等级随机抽查抽中"];
  for (const entry of redraws) {
    if (entry.in === key) result = [`drawn in place of ${entry.out}`, `递补 ${entry.out}`];
    if (entry.out === key) result = [`drawn, then replaced by ${entry.in}: ${entry.reason}`, `抽中后由 ${entry.in} 递补：${entry.reason}`];
  }
  return [[["Result", "结果"], make("b", { "data-result": "" }, both(result))], ...facts, [["Probability", "被抽中概率"], chance(draw.probability(stratum.name))]];
}

function lookUp() {
  const key = byId("key").value.trim();
  byId("one").replaceChildren();
  if (!last || !last.manifest || !key) return;
  const facts = aboutOne(key, last);
  const none = [`${key} is not in this manifest, so it could not be drawn.`, `${key} 不在名单中，不可能被抽中。`];
  byId("one").append(facts === null ? make("p", { "data-result": "" }, both(none)) : make("dl", {}, pairs(facts)));
}

// The same checks as commands for a shell, with this draw's own values once it is known.
function showByHand() {
  const [commitment, reveal] = last ? last.record.entries : [];
  const { manifest, draw } = last || {};
  const name = commitment ? commitment.manifest.slice(0, -ENDINGS.manifest.length) : "NAME";
  const stratum = manifest && manifest.size ? byBytes([...manifest.names]).pop() : "STRATUM";
  const part = draw && draw.strata.get(stratum);
  const prefix = `${commitment ? commitment.draw_id : "ID"}|${reveal ? reveal.seed : "SEED"}|`;
  const files = Object.fromEntries(Object.entries(ENDINGS).map(([kind, ending]) => [kind, quoted(name + ending)]));
  const steps = [
    ["manifest", ["The manifest's hash, which stands in the commitment.", "名单的哈希值，应与承诺中的相同。"], `sha256sum ${files.manifest}`],
    ["order", ["Its order, and no line twice: prints nothing where it is right.", "名单的顺序，且无重复行：正确时没有任何输出。"], `LC_ALL=C sort -c -u ${files.manifest}`],
    ["counts", ["The enterprises in each stratum.", "各层企业数。"], `cut -d '|' -f 2 ${files.manifest} | LC_ALL=C sort | uniq -c`],
    ["ticket", ["The ticket of one enterprise.", "一户企业的签号。"], `printf '%s' ${quoted(prefix + (manifest && manifest.size ? manifest.key(0) : "KEY"))} | sha256sum`],
    ["stratum", ["The lowest tickets of a stratum, in order (takes minutes for many enterprises).", "一层中最小的若干签号，按顺序排列（企业多时需数分钟）。"],
      `awk -F '|' ${quoted(`$2 == ${JSON.stringify(stratum)} {print $1}`)} ${files.manifest} | while IFS= read -r key; do echo "$(printf '%s%s' ${quoted(prefix)} "$key" | sha256sum | cut -c 1-64) $key"; done | LC_ALL=C sort | head -n ${part ? part.number : "NUMBER"}`],
    ["chain", ["The hash of the record's first line, which stands in the second as \"previous\".", "记录第一行的哈希值，应与第二行中的 \"previous\" 相同。"], `sed -n 1p ${files.record} | tr -d '\\n' | sha256sum`],
    ["drawn", ["The drawn file's hash, which stands in the record.", "抽中名单的哈希值，应与记录中的相同。"], `sha256sum ${files.drawn}`],
  ];
  byId("steps").replaceChildren(...steps.map(([id, text, command]) => make("li", {}, make("p", {}, both(text)), make("code", { "data-step": id }, command))));
}

function show(made, seconds) {
  last = made;
  const known = made.manifest !== null;
  const took = known ? [make("p", { class: "note" }, both([`${grouped(made.manifest.size)} enterprises in ${seconds.toFixed(2)} s`, `${grouped(made.manifest.size)} 户，用时 ${seconds.toFixed(2)} 秒`]))] : [];
  say(made.verdict, took);
  byId("checks").replaceChildren(...Object.values(made.checks).map(checkLine));
  if (known) {
    showFacts(made);
    showStrata(made);
  }
  if (made.draw) showDrawn(made);
  for (const id of ["look-up", "about"]) byId(id).hidden = !known;
  byId("who").hidden = made.draw === null;
  byId("results").hidden = false;
  showByHand();
  lookUp();
}

function say(verdict, more) {
  const [title, text] = VERDICTS[verdict];
  byId("verdict").replaceChildren(make("h2", {}, both(title)), make("p", {}, both(text)), ...more);
  document.body.dataset.verdict = verdict;
}

function progress(text, done, all) {
  byId("doing").hidden = false;
  byId("bar").max = all;
  byId("bar").value = done;
  byId("done").replaceChildren(...both(text), ` ${grouped(done)} / ${grouped(all)}`);
}

function showPicked() {
  for (const [kind, file] of Object.entries(picked)) {
    byId(`${kind}-name`).replaceChildren(...(file ? [`${file.name} (${grouped(file.bytes.length)} B)`] : both(["not chosen yet", "尚未选择"])));
    byId(`${kind}-name`).dataset.there = String(file !== null);
  }
}

// Without a seed there is no drawn file to wait for.
const complete = () => picked.record && picked.manifest && (picked.drawn || lineCount(picked.record.bytes) < 2);

async function start() {
  run += 1;
  const mine = run;
  last = null;
  delete document.body.dataset.verdict;
  for (const id of ["results", "doing"]) byId(id).hidden = true;
  byId("verdict").replaceChildren();
  showPicked();
  if (!complete()) return;
  const began = performance.now();
  const files = Object.fromEntries(Object.entries(picked).map(([kind, file]) => [kind, file && file.bytes]));
  const current = (act) => { if (mine === run) act(); };
  try {
    const made = await verify(files, (...parts) => current(() => progress(...parts)));
    current(() => show(made, (performance.now() - began) / 1000));
  } catch (error) {
    current(() => say("stopped", [make("p", {}, String(error))]));
  }
  current(() => { byId("doing").hidden = true; });
}

async function take(files, kind) {
  const strange = [];
  for (const file of files) {
    const found = Object.keys(ENDINGS).find((one) => file.name.endsWith(ENDINGS[one])) || (files.length === 1 && kind);
    try {
      if (found) picked[found] = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
      else strange.push(file.name);
    } catch (error) {
      picked[found] = null;
      strange.push(`${file.name} (${error.message})`);
    }
  }
  const names = strange.join(", ");
  byId("strange").replaceChildren(...(names ? both([`Not a file of a draw: ${names}`, `不是抽签文件：${names}`]) : []));
  await start();
}

function begin() {
  speak(/^zh\b/i.test(navigator.language) ? "zh-CN" : "en");
  for (const button of document.querySelectorAll("[data-speak]")) button.addEventListener("click", () => speak(button.dataset.speak));
  for (const kind of Object.keys(picked)) {
    byId(`${kind}-file`).addEventListener("change", ({ target }) => {
      take([...target.files], kind);
      target.value = ""; // so that the same file can be chosen again after it was changed
    });
  }
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files], null);
  });
  byId("look-up-form").addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp();
  });
  const carried = byId("carried");
  if (carried) for (const [kind, { name, text }] of Object.entries(JSON.parse(carried.textContent))) picked[kind] = { name, bytes: encoder.encode(text) };
  showByHand();
  start();
}

begin();
