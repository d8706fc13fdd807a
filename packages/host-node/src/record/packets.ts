/** What a protocol brings for traces: how its packets are read, shown and planned again. */
import type { Explanation, Router } from "@echarde/core";
import type { Word } from "./trace.ts";

/** Plans packets without sending them. */
export type Explain = (packet: Uint8Array) => readonly Explanation[];

/** See the module. */
export interface PacketKind {
  /** Reads what is sent on one connection to a cluster. */
  reader(options: ReaderOptions): PacketReader;
  /** A packet in one line for people. */
  show(words: readonly Word[]): string;
  /** Where a router would have the packet; null = that cannot be told without what was left out. */
  plan(words: readonly Word[], router: Router): Planned | null;
}

/** What a reader is given. */
export interface ReaderOptions {
  /** Whether values are recorded, too. */
  readonly values: boolean;
  /** Plans requests, so that what is left after values were left out can be tried. */
  readonly explain: Explain;
  /** Takes a packet in its parts: memory of their own. */
  readonly packet: (words: readonly Word[]) => void;
}

/** Reads one connection. */
export interface PacketReader {
  /** Reads on. Nothing of `chunk` is kept as a view. False = this cannot be read any further: call no more. */
  read(chunk: Uint8Array): boolean;
}

/** A packet as another table has it. */
export interface Planned {
  /** Its name, as in "MGET". */
  readonly request: string;
  /** What of it is routed. Empty = its place is not a matter of the table. */
  readonly parts: readonly PlannedPart[];
}

/** A key, topic, filter or series of a packet. */
export interface PlannedPart {
  /** As people read it. */
  readonly name: string;
  /** The clusters that would have it. */
  readonly clusters: readonly string[];
  /** Which rule says so. */
  readonly because: string;
}

/** Keys of an explanation, each with its cluster. */
export function plannedKeys({ keys }: Explanation): PlannedPart[] {
  return keys.map(({ key, cluster, because }) => ({
    ...{ name: quoted(key), clusters: cluster === null ? [] : [cluster], because },
  }));
}

/** Bytes as people read them: nothing that a terminal would act upon, and no more than a line. */
export function quoted(bytes: Uint8Array | string): string {
  const text = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8");
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(cut).replace(/[\u007f-\u009f]/g, "?");
}

/** A word that was left out, in words. */
export function leftOut(bytes: number): string {
  return `(${bytes} bytes)`;
}

/** Bytes of a packet that a reader holds at most: a larger one ends the recording of its connection. */
export const largestPacket: number = 16 << 20;
/** Characters of a word that are shown. */
const longest = 200;
