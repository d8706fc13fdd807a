/** Messages that the router does not pass on, as it is to be; they are counted. */

/** Why. */
export type DropReason =
  /** Its Message Expiry Interval passed while it waited in the router. */
  | "expired"
  /** The broker that sent it does not own its topic. */
  | "foreign"
  /** QoS 0, and its broker is away. */
  | "away";

/** Counters by reason. */
export type Dropped = Map<DropReason, number>;

/** None so far. */
export function noneDropped(): Dropped {
  return new Map(reasons.map((why) => [why, 0]));
}

const reasons: readonly DropReason[] = ["expired", "foreign", "away"];
