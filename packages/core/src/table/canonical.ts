/** One text for all ways of writing the same table; its hash is the table's version. */
import { fnv1a64Hex } from "../bytes/fnv.ts";
import { formatHex } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import type { Match, Owner, TableModel } from "./model.ts";

/**
 * FNV-1a (64 bits) of the canonical text. Defaults are filled in, maps are
 * sorted, keys are hexadecimal; the order of the rules counts, since
 * explanations give their index.
 */
export function versionOf(model: TableModel): string {
  const text = JSON.stringify([
    model.protocol,
    model.clusters.map(({ name, endpoints }) => [name, endpoints]),
    model.localCluster,
    model.defaultCluster,
    model.rules.map((rule) => [...canonicalMatch(rule.match), canonicalOwner(rule.owner)]),
    sortedKeys(model.options),
  ]);
  const bytes = encodeUtf8(text);
  return fnv1a64Hex(bytes, 0, bytes.length);
}

/** Equal for owners that send every key to the same place by the same reasoning. */
export function canonicalOwner(owner: Owner): string {
  if (owner.type === "cluster") return owner.cluster;
  const shares = owner.shares.map(({ cluster, name, weight }) => [cluster, name, weight]);
  const { level } = owner;
  const parts = [owner.kind, owner.tag, owner.function, shares, owner.slots];
  return JSON.stringify(level === null ? parts : [...parts, level]);
}

function canonicalMatch(match: Match): readonly (string | null)[] {
  if (match.type === "rest") return [match.type];
  if (match.type !== "range") return [match.type, formatHex(match.bytes)];
  return [match.type, formatHex(match.from), match.to === null ? null : formatHex(match.to)];
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs: the order of an object's own keys is not free when they look like numbers.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { map: entries.map(([key, entry]) => [key, sortedKeys(entry)]) };
}
