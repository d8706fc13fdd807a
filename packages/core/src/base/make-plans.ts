/**
 * Plans with the usual values filled in: one reply frame on a shared link, in
 * the router's own time. `more` says what is other than usual. Text stands for
 * bytes, one for each character.
 */
import { latin1 } from "../bytes/latin1.ts";
import type {
  Ask,
  Emission,
  Forward,
  Fragment,
  Later,
  Local,
  NextPlan,
  Part,
  Reaction,
  Refuse,
  Reply,
  Skip,
  StreamFragment,
  StreamMerge,
  Target,
} from "../plan.ts";

/** A packet: text, one chunk, or several. Chunks are not copied. */
export type Packet = string | Uint8Array | readonly Uint8Array[];

/** The very bytes received, to one cluster. */
export function forward(cluster: number, more: Partial<Forward> = {}): Forward {
  return {
    type: "forward",
    cluster,
    node: more.node ?? "",
    lane: more.lane ?? "shared",
    frames: more.frames ?? 1,
    expect: more.expect ?? 0,
    id: more.id ?? -1,
    hold: more.hold ?? false,
    silent: more.silent ?? false,
    timeout: more.timeout ?? -1,
    instead: more.instead ?? null,
  };
}

/** One packet of a split request. */
export function part(cluster: number, packet: Packet, more: Partial<Part> = {}): Part {
  return {
    cluster,
    node: more.node ?? "",
    lane: more.lane ?? "shared",
    bytes: chunksOf(packet),
    frames: more.frames ?? 1,
    expect: more.expect ?? 0,
    id: more.id ?? -1,
  };
}

/** A split request: one packet for each part, and what follows from their replies. */
export function fragment(
  parts: readonly Part[],
  coalesce: (replies: readonly Reply[]) => NextPlan,
  more: Partial<Fragment> = {},
): Fragment {
  return {
    type: "fragment",
    parts,
    coalesce,
    journal: more.journal ?? null,
    carries: more.carries ?? null,
    hold: more.hold ?? false,
    silent: more.silent ?? false,
    timeout: more.timeout ?? -1,
  };
}

/** As {@link fragment}, for replies that leave while they arrive. */
export function stream(
  parts: readonly Part[],
  merge: StreamMerge,
  more: Partial<StreamFragment> = {},
): StreamFragment {
  return {
    type: "stream",
    parts,
    merge,
    hold: more.hold ?? false,
    silent: more.silent ?? false,
    timeout: more.timeout ?? -1,
  };
}

/** An answer of the router's own. */
export function local(packet: Packet, more: Partial<Local> = {}): Local {
  return {
    type: "local",
    bytes: chunksOf(packet),
    end: more.end ?? false,
    release: more.release ?? false,
  };
}

/** An error of the router's own; `end` where nobody can say any more where the next request starts. */
export function refuse(packet: Packet, more: Partial<Refuse> = {}): Refuse {
  return { type: "refuse", bytes: chunksOf(packet), end: more.end ?? false };
}

/** The bytes are consumed and nothing is answered. */
export const skip: Skip = { type: "skip" };

/** A question to the host; `answered` gets undefined when no answer came in time. */
export function ask(topic: string, value: unknown, answered: Ask["answered"]): Ask {
  return { type: "ask", topic, value, answered };
}

/** Nothing before a moment (Unix milliseconds), then what `resume` says; later requests wait unless `hold` is false. */
export function later(at: number, resume: () => NextPlan, hold = true): Later {
  return { type: "later", at, hold, resume };
}

/** A packet that answers no request; `to` null = the client. */
export function emission(to: Target | null, packet: Packet): Emission {
  return { to, bytes: chunksOf(packet) };
}

/** What a codec does on an event that is no request. */
export function reaction(more: Partial<Reaction>): Reaction {
  const { emit = [], plans = [], end = false, drop } = more;
  return drop === undefined ? { emit, plans, end } : { emit, plans, end, drop };
}

function chunksOf(packet: Packet): readonly Uint8Array[] {
  if (typeof packet === "string") return [latin1(packet)];
  return packet instanceof Uint8Array ? [packet] : packet;
}
