/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), and how a change of some bytes changes it. */

/** 0x1EDC6F41 with its bits reversed. */
const polynomial = 0x82f63b78;

const table = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

/** Of `bytes[from, to)`. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  return (remainder(bytes, from, to, 0xffffffff) ^ 0xffffffff) >>> 0;
}

/**
 * The CRC of bytes of which some have changed: `difference` = the old bytes XOR the new ones, `behind` = how
 * many bytes follow them. It is linear, so the rest need not be looked at: crc' = crc ⊕ R(d)·x^(8n) mod P.
 */
export function patchedCrc32c(crc: number, difference: Uint8Array, behind: number): number {
  const change = remainder(difference, 0, difference.length, 0);
  return (crc ^ product(power(behind), change)) >>> 0;
}

function remainder(bytes: Uint8Array, from: number, to: number, start: number): number {
  let crc = start;
  for (let i = from; i < to; i++) {
    crc = (table[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return crc >>> 0;
}

/**
 * x^(8·d·256^k) mod P at [256·k + d]: a length has four digits, so its power takes three products at most, and
 * one for most batches.
 */
const powers = new Uint32Array(4 * 256);
for (let k = 0, unit = 1 << 23; k < 4; k++) {
  let value = 1 << 31;
  for (let digit = 0; digit < 256; digit++) {
    powers[256 * k + digit] = value;
    value = product(value, unit);
  }
  unit = value; // that of 256, which is the next digit's 1
}

/** x^(8n) mod P; a bit-reversed 1 is the highest bit. */
function power(n: number): number {
  let value = powers[n & 255] as number;
  for (let rest = n >>> 8, k = 256; rest > 0; rest >>>= 8, k += 256) {
    if ((rest & 255) > 0) value = product(powers[k + (rest & 255)] as number, value);
  }
  return value;
}

/** a·b mod P, of bit-reversed polynomials. Without branches: their bits are as good as random. */
function product(a: number, b: number): number {
  let sum = 0;
  let factor = b;
  for (let bit = 31; bit >= 0; bit--) {
    sum ^= factor & -((a >>> bit) & 1);
    factor = (factor >>> 1) ^ (polynomial & -(factor & 1));
  }
  return sum;
}
