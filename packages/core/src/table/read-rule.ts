import { parseHex } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import type { Fields, Findings } from "./findings.ts";
import type { Match, Owner, Path, Rule } from "./model.ts";
import { readHash } from "./read-hash.ts";

/** Reads an entry of `routes`; null and errors when it makes no sense. */
export function readRule(value: unknown, path: Path, findings: Findings): Rule | null {
  const fields = findings.record(value, path, RULE_KEYS);
  if (fields === null) return null;
  if (fields.has("payload")) {
    findings.error(
      [...path, "payload"],
      "rules look at keys only: with owners by payload nobody could say which clusters a subscription needs",
    );
  }
  const match = readMatch(fields, path, findings);
  const owner = readOwner(fields, path, findings);
  return match === null || owner === null ? null : { match, owner, path };
}

/** Reads an entry of the map form. */
export function readMapRule(
  key: string,
  value: unknown,
  path: Path,
  findings: Findings,
): Rule | null {
  const fields = findings.record(value, path, ["type", "cluster"]);
  if (fields === null) return null;
  const type = fields.get("type");
  const cluster = findings.name(fields.get("cluster"), [...path, "cluster"]);
  if (type !== "key" && type !== "prefix") {
    findings.error([...path, "type"], "must be key or prefix");
    return null;
  }
  if (cluster === null) return null;
  return { match: { type, bytes: encodeUtf8(key) }, owner: { type: "cluster", cluster }, path };
}

const MATCH_KEYS = ["key", "prefix", "filter", "range"];
const HASH_KEYS = ["over", "slots", "function", "tag", "names", "level"];
/** `payload` is known in order to say why there is no such rule. */
const RULE_KEYS = [...MATCH_KEYS, "cluster", "hash", ...HASH_KEYS, "payload"];

function readMatch(fields: Fields, path: Path, findings: Findings): Match | null {
  const given = MATCH_KEYS.filter((key) => fields.has(key));
  const type = given[0];
  if (given.length > 1) {
    findings.error(path, `has ${given.join(" and ")}: use one of them`);
    return null;
  }
  if (fields.has("hash") && type !== undefined && type !== "prefix" && type !== "filter") {
    findings.error([...path, type], "a hash rule may stand under a prefix or filter only");
    return null;
  }
  if (type === undefined) {
    if (fields.has("hash")) return { type: "rest" };
    findings.error(path, "needs key, prefix, filter, range or hash");
    return null;
  }
  if (type === "range") return readRange(fields.get("range"), [...path, "range"], findings);
  const bytes = readKey(fields.get(type), [...path, type], findings);
  return bytes === null ? null : { type: type as "key" | "prefix" | "filter", bytes };
}

function readOwner(fields: Fields, path: Path, findings: Findings): Owner | null {
  if (fields.has("hash")) {
    if (fields.has("cluster")) {
      findings.error([...path, "cluster"], "stands beside hash: use one of them");
    }
    return readHash(fields, path, findings);
  }
  for (const key of HASH_KEYS) {
    if (fields.has(key)) findings.error([...path, key], "belongs to a hash rule");
  }
  const cluster = findings.name(fields.get("cluster"), [...path, "cluster"]);
  return cluster === null ? null : { type: "cluster", cluster };
}

function readRange(value: unknown, path: Path, findings: Findings): Match | null {
  const ends = findings.list(value, path);
  if (ends === null) return null;
  if (ends.length !== 2) {
    findings.error(path, 'must be two ends, as in ["a", "n"]; null as the second one = no end');
    return null;
  }
  const from = readKey(ends[0], [...path, 0], findings);
  if (ends[1] === null) return from === null ? null : { type: "range", from, to: null };
  const to = readKey(ends[1], [...path, 1], findings);
  return from === null || to === null ? null : { type: "range", from, to };
}

/** A text, or bytes as `{ hex: "…" }`. */
function readKey(value: unknown, path: Path, findings: Findings): Uint8Array | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const text = findings.text(value, path);
    return text === null ? null : encodeUtf8(text);
  }
  const fields = findings.record(value, path, ["hex"]);
  const hex = findings.text(fields?.get("hex"), [...path, "hex"]);
  if (hex === null) return null;
  const bytes = parseHex(hex);
  if (bytes === null) findings.error([...path, "hex"], "must be pairs of hexadecimal digits");
  return bytes;
}
