// The draw anew: from the manifest and the seed to those who must have been drawn. Long work is cut into slices, so that the page stays alive.

const FLOOR = "floor"; // the second draw: in its draw id, and as the stratum of its rows
const SLICE = 25; // milliseconds of work before the page may draw itself again
const BATCH = 500; // digests that are asked for at once
const BUCKET = 1000; // tickets that are sorted at once

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

let since = performance.now();

async function breathe(tell) {
  if (performance.now() - since < SLICE) return;
  if (tell) tell();
  await new Promise((go) => {
    const { port1, port2 } = new MessageChannel(); // a timer would wait a whole second where the page is behind another
    port1.onmessage = () => {
      port1.close();
      go();
    };
    port2.postMessage(0);
  });
  since = performance.now();
}

function compareBytes(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

const byBytes = (names) => names.map((name) => [encoder.encode(name), name]).sort((a, b) => compareBytes(a[0], b[0])).map((pair) => pair[1]);
const has = (table, name) => Object.prototype.hasOwnProperty.call(table, name);
const own = (table, name) => (has(table, name) ? table[name] : undefined);

// Fractions are pairs of BigInts, so that no number is rounded.

function fraction(text) {
  const parts = typeof text === "string" && /^(\d+)(?:\/(\d+))?$/.exec(text);
  if (!parts) return null;
  const made = [BigInt(parts[1]), BigInt(parts[2] || 1)];
  return made[1] === 0n ? null : made;
}

const ceilOf = ([n, d], population) => Number((n * BigInt(population) + d - 1n) / d);
const sameFraction = (a, b) => a !== null && a[0] * b[1] === b[0] * a[1];

function fractionText([n, d]) {
  let [a, b] = [n, d];
  while (b) [a, b] = [b, a % b];
  return d === a ? `${n / a}` : `${n / a}/${d / a}`;
}

const percent = ([n, d]) => `${Number(((n * 100_000n) / d + 5n) / 10n) / 100}%`; // to two places, for reading only

// ceil(ratio * N), raised to at_least (never past N), held to at_most; a ratio of 0 draws none.
function numberToDraw(quota, population) {
  const ratio = fraction(quota.ratio);
  if (ratio[0] === 0n) return 0;
  let number = ceilOf(ratio, population);
  if (quota.at_least !== undefined) number = Math.max(number, Math.min(quota.at_least, population));
  if (quota.at_most !== undefined) number = Math.min(number, quota.at_most);
  return number;
}

// n/N, and for those who are left the second draw of f among R: n/N + (1 - n/N) * f/R
function probability(number, population, floor, remaining) {
  const [n, N, f, R] = [number, population, floor, remaining].map(BigInt);
  return R === 0n ? [n, N] : [n * R + (N - n) * f, N * R];
}

// The manifest stays the bytes that it is; a line is known by its number, and its key is read only where it is needed.
class Manifest {
  constructor(bytes, lines) {
    this.bytes = bytes;
    this.size = 0;
    this.begin = new Uint32Array(lines); // of each line
    this.bar = new Uint32Array(lines); // where its key ends
    this.stratum = new Uint32Array(lines); // its stratum, by its place in `names`
    this.names = [];
    this.counts = [];
    this.known = new Map();
  }

  add(begin, bar, name) {
    if (!this.known.has(name)) {
      this.known.set(name, this.names.push(name) - 1);
      this.counts.push(0);
    }
    const stratum = this.known.get(name);
    this.counts[stratum] += 1;
    [this.begin[this.size], this.bar[this.size], this.stratum[this.size]] = [begin, bar, stratum];
    this.size += 1;
  }

  keyBytes(line) { return this.bytes.subarray(this.begin[line], this.bar[line]); }

  key(line) { return utf8.decode(this.keyBytes(line)); }

  stratumOf(line) { return this.names[this.stratum[line]]; }

  find(key) {
    const sought = encoder.encode(key);
    for (let line = 0; line < this.size; line += 1) if (compareBytes(this.keyBytes(line), sought) === 0) return line;
    return -1;
  }

  async linesOf(keys) {
    const lines = new Map();
    for (let line = 0; line < this.size; line += 1) {
      const key = this.key(line);
      if (keys.has(key)) lines.set(key, line);
      if (line % 256 === 0) await breathe();
    }
    return lines;
  }

  get frame() { return Object.fromEntries(this.names.map((name, at) => [name, this.counts[at]])); }
}

// The tickets of one draw id, eight words of 32 bits each, and lines in their order.
class Tickets {
  constructor(manifest, prefix) {
    this.manifest = manifest;
    this.prefix = encoder.encode(prefix);
    this.words = new Uint32Array(8 * manifest.size);
  }

  message(line) {
    const key = this.manifest.keyBytes(line);
    const made = new Uint8Array(this.prefix.length + key.length);
    made.set(this.prefix);
    made.set(key, this.prefix.length);
    return made;
  }

  async compute(lines, tell) {
    for (let at = 0; at < lines.length; at += BATCH) {
      const some = lines.slice(at, at + BATCH);
      const made = await Promise.all(some.map((line) => digest(this.message(line))));
      made.forEach((buffer, n) => {
        const view = new DataView(buffer);
        for (let word = 0; word < 8; word += 1) this.words[8 * some[n] + word] = view.getUint32(4 * word);
      });
      await breathe(() => tell(at));
    }
  }

  compare(a, b) {
    for (let word = 0; word < 8; word += 1) {
      const apart = this.words[8 * a + word] - this.words[8 * b + word];
      if (apart) return apart;
    }
    return compareBytes(this.manifest.keyBytes(a), this.manifest.keyBytes(b));
  }

  // Tickets are spread evenly: their first bits put them into small buckets, and each bucket is sorted by itself.
  async sorted(lines) {
    const buckets = Array.from({ length: Math.ceil(lines.length / BUCKET) }, () => []);
    for (const line of lines) buckets[Math.floor((this.words[8 * line] / 2 ** 32) * buckets.length)].push(line);
    for (const bucket of buckets) {
      bucket.sort((a, b) => this.compare(a, b));
      await breathe();
    }
    return buckets.flat();
  }

  of(line) { return Array.from(this.words.subarray(8 * line, 8 * line + 8), (word) => word.toString(16).padStart(8, "0")).join(""); }
}

// A part of a draw is a stratum, or the random floor: its lines in the order of their tickets, of which the first `number` are drawn.
class Draw {
  constructor(manifest) {
    this.manifest = manifest;
    this.strata = new Map();
    this.floor = null;
    this.taken = new Set();
  }

  async add(name, lines, number, tickets) {
    const part = { name, order: await tickets.sorted(lines), number, population: lines.length, tickets };
    for (const line of part.order.slice(0, number)) this.taken.add(line);
    return part;
  }

  part(name) { return this.floor && name === FLOOR ? this.floor : this.strata.get(name); }

  probability(name) {
    const { number, population } = this.strata.get(name);
    return this.floor ? probability(number, population, this.floor.number, this.floor.population) : probability(number, population, 0, 0);
  }

  // What the drawn file must say, line by line: the strata in the order of their bytes, then the random floor.
  rows() {
    const parts = [...byBytes([...this.strata.keys()]).map((name) => this.strata.get(name)), ...(this.floor ? [this.floor] : [])];
    return parts.flatMap((part) => part.order.slice(0, part.number).map((line, at) => (
      { stratum: part.name, position: at + 1, enterprise: this.manifest.key(line), ticket: part.tickets.of(line), floor: part === this.floor })));
  }
}

async function drawAnew(manifest, commitment, seed, tell) {
  const draw = new Draw(manifest);
  const all = Array.from({ length: manifest.size }, (_, line) => line);
  const tickets = new Tickets(manifest, `${commitment.draw_id}|${seed}|`);
  await tickets.compute(all, tell);
  const members = manifest.names.map(() => []);
  for (const line of all) members[manifest.stratum[line]].push(line);
  for (const [at, name] of manifest.names.entries()) {
    const quota = own(commitment.quotas, name);
    draw.strata.set(name, await draw.add(name, members[at], quota ? numberToDraw(quota, members[at].length) : 0, tickets));
  }
  if (commitment.random_floor !== null) {
    const left = all.filter((line) => !draw.taken.has(line));
    const again = new Tickets(manifest, `${commitment.draw_id}/${FLOOR}|${seed}|`);
    await again.compute(left, (done) => tell(manifest.size + done));
    draw.floor = await draw.add(FLOOR, left, ceilOf(fraction(commitment.random_floor), left.length), again);
  }
  return draw;
}
