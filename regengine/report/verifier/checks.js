// The checks: what the three files say, beside what was computed anew. Texts are pairs of English and Chinese.

const ALGORITHM = "sha256-ticket-1";
const HEADER = "stratum,position,enterprise,ticket,probability";
const CHECKS = {
  record: ["The record is in its form", "抽签记录格式正确"],
  chain: ["Each entry names the hash of the one before it", "每条记录都写有前一条的哈希值"],
  manifest: ["The manifest is the one that was committed to", "企业名单就是事先承诺的那一份"],
  order: ["The manifest is in order, no enterprise stands twice", "名单按规定顺序排列，企业不重复"],
  counts: ["The strata have as many enterprises as committed to", "各层企业数与承诺一致"],
  quotas: ["From each stratum as many were drawn as its quota says", "各层抽取数符合规定比例"],
  "drawn-file": ["The drawn file is the one that the record names", "抽中名单就是记录所指的那一份"],
  tickets: ["The tickets in the drawn file are right", "抽中名单上的签号正确"],
  drawn: ["Those with the lowest tickets of each stratum were drawn", "各层抽中的是签号最小的企业"],
  floor: ["So were those of the random floor", "不分等级随机抽查抽中的也是签号最小的企业"],
  probabilities: ["The probabilities of being drawn are right", "被抽中的概率正确"],
  redraws: ["Redraws took the next ticket", "递补按签号顺序进行"],
};
const SHOWN = 5; // differences that one check spells out

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value !== "";
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isHash = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isDay = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
const isCounts = (value) => isObject(value) && Object.values(value).every(isCount);
const isQuota = (value) => isObject(value) && isShare(value.ratio) && ["at_least", "at_most"].every((name) => value[name] === undefined || isCount(value[name]));
const grouped = (value) => value.toLocaleString("en-US");

function isShare(text) {
  const made = fraction(text);
  return made !== null && made[0] <= made[1];
}

const FORM = {
  commitment: {
    algorithm: (it) => it === ALGORITHM, draw_id: isText, manifest: isText, manifest_sha256: isHash, frame: isCounts,
    quotas: (it) => isObject(it) && Object.values(it).every(isQuota), random_floor: (it) => it === null || isShare(it),
    rulebook: (it) => isObject(it) && ["id", "edition", "digest"].every((name) => isText(it[name])), law_at: isDay, as_of: isDay, seed_from: isText,
  },
  reveal: { seed: (it) => isText(it) && !/[\r\n]/.test(it), drawn: isCounts, floor: isCount, drawn_file: isText, drawn_sha256: isHash },
  redraw: { stratum: isText, out: isText, in: isText, ticket: isHash, reason: isText },
};

// A value as canonical JSON (RFC 8785), which is what each line of a record is.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

// Collects what differs; where nothing does, and something was found, the check holds.
class Check {
  constructor(id) {
    this.id = id;
    this.wrong = [];
    this.count = 0;
    this.found = null;
  }

  differs(en, zh) {
    this.count += 1;
    if (this.wrong.length < SHOWN) this.wrong.push([en, zh]);
  }

  get state() { return this.count ? "no" : this.found ? "yes" : "none"; }
}

function textOf(bytes, check) {
  try {
    return utf8.decode(bytes);
  } catch {
    check.differs("the file is not UTF-8", "文件不是 UTF-8 文本");
    return null;
  }
}

// One entry of the record, or null where it is not in its form.
function readEntry(line, place, check) {
  let entry = null;
  try { entry = JSON.parse(line); } catch { /* told below */ }
  if (!isObject(entry) || canonical(entry) !== line) {
    check.differs(`line ${place} is not canonical JSON`, `第 ${place} 行不是规范 JSON`);
    return null;
  }
  const due = ["commitment", "reveal"][place - 1] || "redraw";
  if (entry.entry !== due) {
    check.differs(`line ${place} should be the ${due}`, `第 ${place} 行应为 ${due}`);
    return null;
  }
  const names = [...Object.keys(entry).filter((name) => name !== "entry" && name !== "previous"), ...Object.keys(FORM[due])];
  const wrong = [...new Set(names)].filter((name) => !has(FORM[due], name) || !FORM[due][name](own(entry, name)));
  for (const name of wrong) check.differs(`line ${place}: \`${name}\` is missing, unknown or not in its form`, `第 ${place} 行：\`${name}\` 缺失、未知或格式不对`);
  return wrong.length ? null : entry;
}

async function readRecord(bytes, { record: check, chain }) {
  const record = { entries: [], hashes: [] };
  const text = textOf(bytes, check);
  if (text === null) return record;
  const lines = text.split("\n");
  if (lines.pop() !== "") check.differs("the last entry was cut while it was written", "最后一条记录不完整");
  for (const [at, line] of lines.entries()) {
    const entry = readEntry(line, at + 1, check);
    if (entry === null) break;
    const before = at ? record.hashes[at - 1] : null;
    if (entry.previous !== before) chain.differs(`line ${at + 1} says ${entry.previous}; the line before it has ${before}`, `第 ${at + 1} 行写的是 ${entry.previous}；前一行实为 ${before}`);
    record.entries.push(entry);
    record.hashes.push(await sha256(encoder.encode(line)));
  }
  const [commitment] = record.entries;
  const count = record.entries.length;
  if (!commitment && !check.count) check.differs("the record is empty", "记录为空");
  if (commitment && commitment.random_floor !== null && has(commitment.frame, FLOOR)) {
    check.differs("a stratum may not be called `floor` beside a random floor", "设有不分等级随机抽查时，层名不得为 `floor`");
  }
  check.found = [`${count} ${count === 1 ? "entry" : "entries"}`, `${count} 条`];
  if (count) chain.found = check.found;
  return record;
}

function lineCount(bytes) {
  let lines = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, end + 1)) lines += 1;
  return lines;
}

async function readManifest(bytes, check, tell) {
  const lines = lineCount(bytes);
  const manifest = new Manifest(bytes, lines);
  let [begin, before] = [0, null];
  for (let place = 1; place <= lines; place += 1) {
    const end = bytes.indexOf(10, begin);
    const line = bytes.subarray(begin, end);
    let text = null;
    try { text = utf8.decode(line); } catch { /* told below */ }
    if (text === null || !/^[^|\p{Cc}\u2028\u2029]+\|[^|\p{Cc}\u2028\u2029]+$/u.test(text)) {
      check.differs(`line ${place} is not \`enterprise|stratum\`: ${text ?? "not UTF-8"}`, `第 ${place} 行不是 \`企业|层\`：${text ?? "不是 UTF-8"}`);
    } else {
      manifest.add(begin, begin + line.indexOf(124), text.slice(text.indexOf("|") + 1));
      const now = manifest.size - 1;
      if (now && compareBytes(manifest.keyBytes(now - 1), manifest.keyBytes(now)) === 0) check.differs(`line ${place}: ${manifest.key(now)} stands twice`, `第 ${place} 行：${manifest.key(now)} 重复`);
    }
    if (before !== null && compareBytes(before, line) > 0) check.differs(`line ${place} is not in its place: ${text}`, `第 ${place} 行顺序不对：${text}`);
    [before, begin] = [line, end + 1];
    if (place % 256 === 0) await breathe(() => tell(place, lines));
  }
  if (begin < bytes.length) check.differs("the last line has no line end", "最后一行没有换行符");
  check.found = [`${grouped(manifest.size)} lines`, `${grouped(manifest.size)} 行`];
  return manifest;
}

// Rows of a CSV text (RFC 4180).
function csvRows(text) {
  const rows = [];
  let [row, cell, inside] = [[], "", false];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (inside && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"') inside = !inside;
    else if (!inside && (letter === "," || letter === "\n")) {
      row.push(cell);
      cell = "";
      if (letter === "\n") {
        rows.push(row);
        row = [];
      }
    } else cell += letter;
  }
  return cell !== "" || row.length ? [...rows, [...row, cell]] : rows;
}

function readDrawn(bytes, check) {
  const text = textOf(bytes, check);
  if (text === null) return null;
  const [head, ...rows] = csvRows(text);
  if (!head || head.join(",") !== HEADER || rows.some((row) => row.length !== 5)) {
    check.differs(`the columns of the drawn file are not ${HEADER}`, `抽中名单的列不是 ${HEADER}`);
    return null;
  }
  return rows.map(([stratum, position, enterprise, ticket, chance]) => ({ stratum, position, enterprise, ticket, chance }));
}

function compareCounts(check, said, worked, [en, zh]) {
  for (const name of byBytes([...new Set([...Object.keys(said), ...Object.keys(worked)])])) {
    const [one, other] = [said, worked].map((counts) => grouped(own(counts, name) ?? 0));
    if (one !== other) check.differs(`stratum ${name}: ${en} ${one}, recomputed ${other}`, `${name} 层：${zh} ${one}，重算为 ${other}`);
  }
}

function checkQuotas(check, { frame, quotas }, reveal, draw) {
  for (const name of Object.keys(frame)) if (!has(quotas, name)) check.differs(`stratum ${name} has no quota`, `${name} 层没有抽取比例`);
  for (const name of Object.keys(quotas)) if (!has(frame, name)) check.differs(`a quota names the stratum ${name}, which has no enterprise`, `抽取比例所列的 ${name} 层没有企业`);
  check.found = ["a quota for each stratum", "各层均有抽取比例"];
  if (!draw) return;
  compareCounts(check, reveal.drawn, Object.fromEntries([...draw.strata].map(([name, part]) => [name, part.number])), ["the record says", "记录为"]);
  const floor = draw.floor ? draw.floor.number : 0;
  if (reveal.floor !== floor) check.differs(`random floor: the record says ${grouped(reveal.floor)}, recomputed ${grouped(floor)}`, `不分等级随机抽查：记录为 ${grouped(reveal.floor)}，重算为 ${grouped(floor)}`);
  check.found = [`${grouped(draw.taken.size)} drawn of ${grouped(draw.manifest.size)}`, `${grouped(draw.manifest.size)} 户中抽取 ${grouped(draw.taken.size)} 户`];
}

const ofFloor = (row, draw) => draw.floor !== null && row.stratum === FLOOR;
const rowText = (row) => (row ? `${row.stratum} ${row.position}: ${row.enterprise}` : "—");

function checkRows(check, said, worked) {
  for (let at = 0; at < Math.max(said.length, worked.length); at += 1) {
    const [one, other] = [said[at], worked[at]].map(rowText);
    if (one !== other) check.differs(`the file says ${one}; recomputed ${other}`, `文件为 ${one}；重算为 ${other}`);
  }
  check.found = [`${grouped(worked.length)} enterprises`, `${grouped(worked.length)} 户`];
}

async function checkDrawn(checks, rows, draw, { draw_id: id }, { seed }) {
  const due = draw.rows();
  checkRows(checks.drawn, rows.filter((row) => !ofFloor(row, draw)), due.filter((row) => !row.floor));
  checkRows(checks.floor, rows.filter((row) => ofFloor(row, draw)), due.filter((row) => row.floor));
  const late = rows.findIndex((row, at) => at && !ofFloor(row, draw) && ofFloor(rows[at - 1], draw));
  if (late >= 0) checks.drawn.differs(`${rowText(rows[late])} stands after the random floor`, `${rowText(rows[late])} 排在不分等级随机抽查之后`);
  if (!draw.floor) checks.floor.found = ["none in this draw", "本次没有"];
  const lines = await draw.manifest.linesOf(new Set(rows.map((row) => row.enterprise)));
  for (const row of rows) {
    const ticket = await sha256(encoder.encode(`${ofFloor(row, draw) ? `${id}/${FLOOR}` : id}|${seed}|${row.enterprise}`));
    if (row.ticket !== ticket) checks.tickets.differs(`${row.enterprise}: the file says ${row.ticket}, recomputed ${ticket}`, `${row.enterprise}：文件为 ${row.ticket}，重算为 ${ticket}`);
    const chance = lines.has(row.enterprise) ? draw.probability(draw.manifest.stratumOf(lines.get(row.enterprise))) : null;
    if (chance && !sameFraction(fraction(row.chance), chance)) {
      checks.probabilities.differs(`${row.enterprise}: the file says ${row.chance}, recomputed ${fractionText(chance)}`, `${row.enterprise}：文件为 ${row.chance}，重算为 ${fractionText(chance)}`);
    }
    await breathe();
  }
  checks.tickets.found = [`${grouped(rows.length)} tickets`, `${grouped(rows.length)} 个签号`];
  checks.probabilities.found = ["exact fractions", "精确分数"];
}

// A redraw takes the next of its order that was neither drawn nor redrawn already.
function checkRedraws(check, redraws, draw) {
  const used = new Set(draw.taken);
  const visited = new Map(); // part -> those of it that are to be visited
  for (const entry of redraws) {
    const part = draw.part(entry.stratum);
    if (!part) {
      check.differs(`there is no stratum ${entry.stratum}`, `没有 ${entry.stratum} 层`);
      continue;
    }
    if (!visited.has(part)) visited.set(part, new Set(part.order.slice(0, part.number).map((line) => draw.manifest.key(line))));
    if (!visited.get(part).delete(entry.out)) check.differs(`${entry.out} was not to be visited in ${entry.stratum}`, `${entry.out} 本不在 ${entry.stratum} 层受检之列`);
    const next = part.order.find((line) => !used.has(line));
    const [key, ticket] = next === undefined ? ["—", "—"] : [draw.manifest.key(next), part.tickets.of(next)];
    if (entry.in !== key) check.differs(`for ${entry.out} came ${entry.in}; the next ticket is that of ${key}`, `${entry.out} 由 ${entry.in} 递补；下一签号应为 ${key}`);
    else if (entry.ticket !== ticket) check.differs(`${entry.in}: the record says ${entry.ticket}, recomputed ${ticket}`, `${entry.in}：记录为 ${entry.ticket}，重算为 ${ticket}`);
    visited.get(part).add(entry.in);
    used.add(next);
  }
  check.found = redraws.length ? [`${grouped(redraws.length)} redrawn`, `递补 ${grouped(redraws.length)} 户`] : ["none", "无"];
}

async function checkHash(check, bytes, due) {
  const hash = await sha256(bytes);
  if (hash !== due) check.differs(`the file has ${hash}; the record says ${due}`, `文件为 ${hash}；记录为 ${due}`);
  check.found = [hash, hash];
}

// The verdict (`yes`, `no`, or `open` before the seed is revealed), the checks behind it, and the draw as it was computed anew.
async function verify(files, tell) {
  const checks = Object.fromEntries(Object.keys(CHECKS).map((id) => [id, new Check(id)]));
  const made = { verdict: "no", checks, record: await readRecord(files.record, checks), manifest: null, draw: null };
  const [commitment, reveal, ...redraws] = made.record.entries;
  if (!commitment) return made;
  await checkHash(checks.manifest, files.manifest, commitment.manifest_sha256);
  made.manifest = await readManifest(files.manifest, checks.order, (done, all) => tell(["Reading the manifest", "正在读取名单"], done, all));
  compareCounts(checks.counts, commitment.frame, made.manifest.frame, ["the commitment says", "承诺为"]);
  checks.counts.found = [`${grouped(made.manifest.names.length)} strata`, `${grouped(made.manifest.names.length)} 层`];
  if (reveal) {
    const all = made.manifest.size * (commitment.random_floor === null ? 1 : 2);
    made.draw = await drawAnew(made.manifest, commitment, reveal.seed, (done) => tell(["Computing the tickets", "正在计算签号"], done, all));
    await checkHash(checks["drawn-file"], files.drawn, reveal.drawn_sha256);
    const rows = readDrawn(files.drawn, checks["drawn-file"]);
    if (rows) await checkDrawn(checks, rows, made.draw, commitment, reveal);
    checkRedraws(checks.redraws, redraws, made.draw);
  }
  checkQuotas(checks.quotas, commitment, reveal, made.draw);
  if (Object.values(checks).every((check) => check.state !== "no")) made.verdict = reveal ? "yes" : "open";
  return made;
}
