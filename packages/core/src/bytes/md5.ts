/**
 * MD5 (RFC 1321). Here for compatible hash rings only: it protects nothing.
 * One digest at a time is held in shared scratch memory, so that hashing a
 * key allocates nothing.
 */

/** Digests `bytes[from, to)`; the result stands in {@link md5Words} until the next call. */
export function md5(bytes: Uint8Array, from: number, to: number): void {
  md5Words[0] = 0x67452301;
  md5Words[1] = 0xefcdab89;
  md5Words[2] = 0x98badcfe;
  md5Words[3] = 0x10325476;
  const length = to - from;
  let at = from;
  for (; at + 64 <= to; at += 64) {
    for (let i = 0; i < 16; i++) {
      const j = at + 4 * i;
      block[i] =
        (bytes[j] as number) |
        ((bytes[j + 1] as number) << 8) |
        ((bytes[j + 2] as number) << 16) |
        ((bytes[j + 3] as number) << 24);
    }
    mixBlock();
  }
  block.fill(0);
  const rest = to - at;
  for (let i = 0; i < rest; i++) {
    block[i >> 2] = (block[i >> 2] as number) | ((bytes[at + i] as number) << (8 * (i & 3)));
  }
  block[rest >> 2] = (block[rest >> 2] as number) | (0x80 << (8 * (rest & 3)));
  if (rest >= 56) {
    mixBlock();
    block.fill(0);
  }
  block[14] = length * 8;
  block[15] = Math.floor(length / 0x20000000);
  mixBlock();
}

/** The last digest as four little-endian words, unsigned. */
export const md5Words: Uint32Array = new Uint32Array(4);

const block = new Int32Array(16);
const shifts = new Uint8Array([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
/** floor(2^32 · |sin(i + 1)|), written out because engines may differ in the last bit of `sin`. */
const sines = new Int32Array([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
]);

function mixBlock(): void {
  let a = (md5Words[0] as number) | 0;
  let b = (md5Words[1] as number) | 0;
  let c = (md5Words[2] as number) | 0;
  let d = (md5Words[3] as number) | 0;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let f: number;
    let word: number;
    if (round === 0) {
      f = (b & c) | (~b & d);
      word = i;
    } else if (round === 1) {
      f = (d & b) | (~d & c);
      word = (5 * i + 1) & 15;
    } else if (round === 2) {
      f = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      f = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + f + (sines[i] as number) + (block[word] as number)) | 0;
    const shift = shifts[round * 4 + (i & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  md5Words[0] = (md5Words[0] as number) + a;
  md5Words[1] = (md5Words[1] as number) + b;
  md5Words[2] = (md5Words[2] as number) + c;
  md5Words[3] = (md5Words[3] as number) + d;
}
