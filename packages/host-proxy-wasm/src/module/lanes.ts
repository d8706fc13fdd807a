import { encodeUtf8, type RoutingTable } from "@echarde/core";

/** What the shim does with plain requests of a connection. */
export type LaneState =
  /** It leaves them to the stream. */
  | "off"
  /** It holds them back: the stream is busy with such as came before. */
  | "hold"
  /** It carries them. */
  | "on";

/**
 * Connections whose plain requests the shim carries by itself: memory that both see (assembly/carry.ts). Of
 * each lane these words are ours to write, when nothing is in flight:
 *
 * ```
 *   0       the connection, with the highest bit where it holds; 0 = off
 *   1       how many requests are in flight that JS does not know of (the shim's)
 *   11      map of slots that the table goes by, 0 = none
 *   12..27  link of each cluster, 0 = not known
 * ```
 */
export class Lanes {
  /** The lanes, and the maps of slots behind them. */
  readonly buffer: ArrayBuffer = new ArrayBuffer(slots * words * 4 + maps * slotCount);
  readonly #words = new Uint32Array(this.buffer, 0, slots * words);
  /** Whose maps they are: names of configurations, and the version of the table that each is of. */
  readonly #maps: { readonly name: string; version: string }[] = [];

  /** What becomes of plain requests of the connection; nothing else than before where another one has the lane. */
  turn(id: number, state: LaneState, map = 0, links: readonly number[] = []): void {
    const at = (id & (slots - 1)) * words;
    const owner = this.#words[at] as number;
    if (owner !== 0 && (owner & ~holding) >>> 0 !== id) return;
    this.#words[at] = state === "off" ? 0 : state === "on" ? id : id | holding;
    if (state !== "on") return;
    this.#words[at + mapAt] = map;
    for (let cluster = 0; cluster < mostClusters; cluster++) {
      this.#words[at + linksAt + cluster] = links[cluster] ?? 0;
    }
  }

  /** Whether requests are in flight that JS does not know of. */
  carries(id: number): boolean {
    const at = (id & (slots - 1)) * words;
    return this.#words[at] === id && this.#words[at + 1] !== 0;
  }

  /**
   * A configuration has this table now, and its connections go by no other: the shim may remember which cluster
   * a slot is on, where nothing else decides.
   */
  configure(name: string, table: RoutingTable): void {
    let at = this.#maps.findIndex((each) => each.name === name);
    if (at < 0) {
      if (!goesBySlots(table) || this.#maps.length === maps) return;
      at = this.#maps.push({ name, version: "" }) - 1;
    }
    const map = this.#maps[at] as { version: string };
    if (map.version === table.version) return;
    map.version = goesBySlots(table) ? table.version : "";
    new Uint8Array(this.buffer, slots * words * 4 + at * slotCount, slotCount).fill(0);
  }

  /** The map for connections of a configuration with this table, from 1; 0 = there is none. */
  mapOf(name: string, table: RoutingTable): number {
    return 1 + this.#maps.findIndex((each) => each.name === name && each.version === table.version);
  }
}

/** Whether nothing but the slot of a key decides, by its first braces. */
function goesBySlots(table: RoutingTable): boolean {
  const [rule, ...more] = table.rules();
  if (rule?.match !== "rest" || !rule.owner.startsWith("crc16-slots ") || more.length > 0)
    return false;
  const { because } = table.explain(encodeUtf8("a{b}c{d}"));
  return (
    table.keyMap === null &&
    table.hits === null &&
    because.endsWith(', tag "b"') &&
    table.clusters.length <= mostClusters
  );
}

const slots = 4096;
const words = 92;
const mapAt = 11;
const linksAt = 12;
const mostClusters = 16;
const holding = 0x80000000;
const maps = 4;
const slotCount = 16_384;
