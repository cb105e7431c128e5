// SHA-256 of bytes: the browser's own (Web Crypto), and where that is missing, as on a page that came by plain http, this one, after FIPS 180-4.

function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

const fractional = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(primes(64), (prime) => fractional(Math.cbrt(prime)));
const INITIAL = Int32Array.from(primes(8), (prime) => fractional(Math.sqrt(prime)));

function plainDigest(bytes) {
  const whole = bytes.length - (bytes.length % 64);
  const last = new Uint8Array(bytes.length % 64 < 56 ? 64 : 128); // what is left of the bytes, 0x80, zeros, the length in bits
  last.set(bytes.subarray(whole));
  last[bytes.length - whole] = 0x80;
  const tail = new DataView(last.buffer);
  tail.setUint32(last.length - 8, Math.floor(bytes.length / 2 ** 29));
  tail.setUint32(last.length - 4, (bytes.length << 3) >>> 0);
  const state = Int32Array.from(INITIAL);
  const w = new Int32Array(64);
  const rotate = (x, n) => (x >>> n) | (x << (32 - n));
  const block = (view, at) => {
    for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t += 1) {
      const s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >>> 3);
      const s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >>> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t += 1) {
      const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, whole);
  for (let at = 0; at < whole; at += 64) block(view, at);
  for (let at = 0; at < last.length; at += 64) block(tail, at);
  const made = new DataView(new ArrayBuffer(32));
  state.forEach((word, n) => made.setInt32(4 * n, word));
  return made.buffer;
}

const subtle = globalThis.crypto && globalThis.crypto.subtle;
const digest = (bytes) => (subtle ? subtle.digest("SHA-256", bytes) : plainDigest(bytes));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await digest(bytes));
