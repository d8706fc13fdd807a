/**
 * Hashes of passwords:
 *
 * ```
 * #<64 hexadecimal digits>                       SHA-256, as in Redis's ACL files: for long random passwords
 * $scrypt$ln=<log2 N>,r=<r>,p=<p>$<salt>$<hash>  base64 without padding: for passwords that people choose
 * ```
 */
import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** A hash that was read. */
export type PasswordHash = Sha256Hash | ScryptHash;

/** SHA-256. */
export interface Sha256Hash {
  /** Discriminates. */
  readonly type: "sha256";
  /** 32 bytes. */
  readonly hash: Buffer;
}

/** RFC 7914. */
export interface ScryptHash {
  /** Discriminates. */
  readonly type: "scrypt";
  /** Logarithm of the cost. */
  readonly ln: number;
  /** Block size. */
  readonly r: number;
  /** Parallel runs. */
  readonly p: number;
  /** Any number of bytes. */
  readonly salt: Buffer;
  /** As many bytes as are to be compared. */
  readonly hash: Buffer;
}

/** Reads a hash; null when it is none. */
export function parseHash(text: string): PasswordHash | null {
  const sha = /^#([0-9a-f]{64})$/i.exec(text);
  if (sha?.[1] !== undefined) return { type: "sha256", hash: Buffer.from(sha[1], "hex") };
  const parts =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,})\$([A-Za-z0-9+/]{22,})$/.exec(
      text,
    );
  if (parts === null) return null;
  const [ln, r, p] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (ln < 10 || ln > 20 || r < 1 || r > 16 || p < 1 || p > 4) return null;
  const [salt, hash] = [parts[4], parts[5]].map((part) => Buffer.from(part ?? "", "base64"));
  return salt && hash ? { type: "scrypt", ln, r, p, salt, hash } : null;
}

/** Whether the password is the one that was hashed; takes as long when it is not. */
export async function matches(expected: PasswordHash, password: Uint8Array): Promise<boolean> {
  const actual =
    expected.type === "sha256"
      ? createHash("sha256").update(password).digest()
      : await derive(password, expected.salt, expected, expected.hash.length);
  return timingSafeEqual(actual, expected.hash);
}

/** A new hash of a password, with a salt of its own; 64 MiB and about 0.2 s a check. */
export async function hashPassword(password: Uint8Array): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, defaultCost, 32);
  const text = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  const { ln, r, p } = defaultCost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(salt)}$${text(hash)}`;
}

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

const defaultCost: Cost = { ln: 16, r: 8, p: 1 };

/** Outside of the main thread. */
function derive(
  password: Uint8Array,
  salt: Uint8Array,
  { ln, r, p }: Cost,
  length: number,
): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * r * (2 ** ln + p) };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, hash) => {
      if (error)
        reject(error); // Bun gives undefined for none
      else resolve(hash);
    });
  });
}
