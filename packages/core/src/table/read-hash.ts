import type { Fields, Findings } from "./findings.ts";
import type { HashKind, Owner, Path, Share } from "./model.ts";
import { ringHashes } from "./ring-hash.ts";
import { SLOT_COUNT } from "./slot-hasher.ts";

/** Reads the hash part of a rule; null and errors when it makes no sense. */
export function readHash(fields: Fields, path: Path, findings: Findings): Owner | null {
  const kind = KINDS.find((known) => known === fields.get("hash"));
  if (kind === undefined) {
    findings.error([...path, "hash"], `unknown hash; known: ${KINDS.join(", ")}`);
    return null;
  }
  const tag = readTag(fields, path, findings);
  const level = readLevel(fields, path, findings);
  for (const key of ["function", "names"]) {
    if (kind !== "ketama" && fields.has(key)) {
      findings.error([...path, key], "belongs to hash: ketama");
    }
  }
  if (fields.has("slots")) {
    if (kind !== "crc16-slots") findings.error([...path, "slots"], "belongs to hash: crc16-slots");
    if (fields.has("over")) findings.error([...path, "over"], "stands beside slots: use one");
    return readSlots(fields.get("slots"), { tag, level }, [...path, "slots"], findings);
  }
  const weights = readOver(fields.get("over"), [...path, "over"], kind, findings);
  if (weights === null) return null;
  const names = readNames(fields, weights, path, findings);
  const shares = weights.map(([cluster, weight]): Share => {
    return { cluster, weight, name: names.get(cluster) ?? cluster };
  });
  const base = { type: "hash", kind, tag, level, shares, slots: null } as const;
  return { ...base, function: kind === "ketama" ? readFunction(fields, path, findings) : "" };
}

const KINDS: readonly HashKind[] = ["crc16-slots", "ketama", "rendezvous", "jump", "maglev"];
const MAX_WEIGHT = 65_535;

function readTag(fields: Fields, path: Path, findings: Findings): string | null {
  if (!fields.has("tag")) return null;
  const tag = findings.text(fields.get("tag"), [...path, "tag"]);
  if (tag !== null && !/^([\x21-\x7e]{2})?$/.test(tag)) {
    findings.error([...path, "tag"], 'must be two ASCII characters, as in "{}", or "" for none');
  }
  return tag;
}

function readLevel(fields: Fields, path: Path, findings: Findings): number | null {
  if (!fields.has("level")) return null;
  const level = fields.get("level");
  if (typeof level === "number" && Number.isInteger(level) && level >= 0 && level < 128) {
    if (fields.has("tag")) findings.error([...path, "level"], "stands beside tag: use one of them");
    return level;
  }
  findings.error([...path, "level"], "must be a whole number from 0 to 127");
  return null;
}

function readFunction(fields: Fields, path: Path, findings: Findings): string {
  if (!fields.has("function")) return "fnv1a_64";
  const name = findings.text(fields.get("function"), [...path, "function"]) ?? "";
  if (!ringHashes.has(name)) {
    const known = [...ringHashes.keys()].join(", ");
    findings.error([...path, "function"], `unknown hash function; known: ${known}`);
  }
  if (name === "crc32") {
    findings.warning(
      [...path, "function"],
      "crc32 has 15 bits here, so all keys fall on the first points of the ring; crc32a has 32",
    );
  }
  return name;
}

/** Names with weights, by name; a list for `jump` keeps its order. */
function readOver(
  value: unknown,
  path: Path,
  kind: HashKind,
  findings: Findings,
): [string, number][] | null {
  const weights = new Map<string, number>();
  if (Array.isArray(value)) {
    value.forEach((entry: unknown, i) => {
      const name = findings.name(entry, [...path, i]);
      if (name === null) return;
      if (weights.has(name)) findings.error([...path, i], `cluster ${name} is there twice`);
      weights.set(name, 1);
    });
  } else {
    const fields = findings.record(value, path, null);
    if (fields === null) return null;
    for (const [key, weight] of fields) {
      const name = findings.name(key, [...path, key]);
      if (typeof weight !== "number" || !Number.isInteger(weight) || weight < 1) {
        findings.error([...path, key], "a weight must be a whole number from 1");
      } else if (weight > MAX_WEIGHT) {
        findings.error([...path, key], `a weight must be at most ${MAX_WEIGHT}`);
      } else if (name !== null) weights.set(name, weight);
    }
  }
  if (weights.size === 0) {
    findings.error(path, "needs at least one cluster");
    return null;
  }
  const entries = [...weights];
  return kind === "jump" && Array.isArray(value) ? entries : entries.sort(byName);
}

function readNames(
  fields: Fields,
  weights: readonly [string, number][],
  path: Path,
  findings: Findings,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  if (!fields.has("names")) return names;
  const taken = new Set<string>();
  for (const [cluster, value] of findings.record(fields.get("names"), [...path, "names"], null) ??
    []) {
    const at = [...path, "names", cluster];
    const name = findings.text(value, at);
    if (!weights.some(([known]) => known === cluster)) findings.error(at, "is not in over");
    if (name === null) continue;
    if (taken.has(name)) findings.error(at, `${JSON.stringify(name)} is there twice`);
    taken.add(name);
    names.set(cluster, name);
  }
  return names;
}

function readSlots(
  value: unknown,
  part: { readonly tag: string | null; readonly level: number | null },
  path: Path,
  findings: Findings,
): Owner | null {
  const entries = findings.record(value, path, null);
  if (entries === null) return null;
  const owners = new Int32Array(SLOT_COUNT).fill(-1);
  const shares: Share[] = [];
  const slots: [number, number, number][] = [];
  let readable = true;
  for (const [key, list] of [...entries].sort(byName)) {
    const cluster = findings.name(key, [...path, key]);
    const ranges = findings.list(list, [...path, key]) ?? [];
    const share = shares.push({ cluster: cluster ?? key, name: key, weight: 1 }) - 1;
    ranges.forEach((range, i) => {
      const at = [...path, key, i];
      const ends = readSlotRange(range);
      if (ends === null) {
        readable = false;
        findings.error(at, `must be a slot or a range below ${SLOT_COUNT}, as in "0-8191"`);
        return;
      }
      const [first, last] = ends;
      const clash = owners.slice(first, last + 1).findIndex((owner) => owner >= 0);
      if (clash >= 0) {
        const other = shares[owners[first + clash] as number]?.cluster;
        findings.error(at, `slot ${first + clash} already belongs to ${other}`);
      }
      owners.fill(share, first, last + 1);
      slots.push([share, first, last]);
    });
  }
  const gap = owners.indexOf(-1);
  if (gap >= 0 && readable) {
    const end = owners.findIndex((owner, slot) => slot > gap && owner >= 0);
    const last = (end < 0 ? SLOT_COUNT : end) - 1;
    findings.error(path, `no cluster has slots ${gap}-${last}`);
  }
  slots.sort((a, b) => a[1] - b[1]);
  return { type: "hash", kind: "crc16-slots", ...part, shares, slots, function: "" };
}

function readSlotRange(value: unknown): [number, number] | null {
  if (typeof value !== "number" && typeof value !== "string") return null;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value));
  if (match === null) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last < SLOT_COUNT ? [first, last] : null;
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
