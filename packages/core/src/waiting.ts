import type { Exchange } from "./exchange.ts";
import type { Forward, Fragment, Local, StreamFragment } from "./plan.ts";
import type { RoutingTable } from "./table/table.ts";

/** A plan that cannot be carried out yet: something must leave a lane first. */
export interface Waiting {
  readonly plan: Forward | Fragment | StreamFragment | Local;
  /** The request is `bytes[from, to)`. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Table that the plan was made with. */
  readonly table: RoutingTable;
  /** Set for a further round of an open exchange. */
  readonly exchange: Exchange | null;
}

/** A copy that outlives the input's memory. */
export function owned(waiting: Waiting): Waiting {
  const { plan } = waiting;
  if (plan.type === "forward") {
    const bytes = waiting.bytes.slice(waiting.from, waiting.to);
    const instead = plan.instead?.map((chunk) => chunk.slice()) ?? null;
    return { ...waiting, plan: { ...plan, instead }, bytes, from: 0, to: bytes.length };
  }
  if (plan.type === "local") {
    return { ...waiting, plan: { ...plan, bytes: plan.bytes.map((chunk) => chunk.slice()) } };
  }
  const parts = plan.parts.map((part) => ({
    ...part,
    bytes: part.bytes.map((chunk) => chunk.slice()),
  }));
  return { ...waiting, plan: { ...plan, parts } };
}
