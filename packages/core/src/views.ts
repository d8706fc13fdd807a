/** What is going on in a router, for people and metrics. Copies and counters; no key, value or secret. */
import type { CommandStats } from "./counts.ts";
import type { Link } from "./link.ts";
import type { Session } from "./session.ts";
import type { Upstream, UpstreamStats } from "./upstream.ts";

/** An upstream and its counters. */
export interface UpstreamView {
  /** `cluster`, or `cluster/node`. */
  readonly name: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** What the last attempt to connect, or the last loss, says; "unknown" before the first. */
  readonly state: "unknown" | "up" | "down";
  /** No table names its cluster any more. */
  readonly retired: boolean;
  /** Until when requests fail at once, Unix milliseconds; 0 = they do not. */
  readonly retryAt: number;
  /** Its links now. */
  readonly links: number;
  /** Requests in flight on them now. */
  readonly inFlight: number;
  /** Requests that wait for a link to stand. */
  readonly queued: number;
  /** Error replies that its links have given. */
  readonly errorReplies: number;
  /** Since the router was made. */
  readonly stats: Readonly<UpstreamStats>;
  /** The same by name of the request; empty unless the router counts them. Live. */
  readonly commands: ReadonlyMap<string, Readonly<CommandStats>>;
}

/** One upstream connection. */
export interface LinkView {
  /** `east`, `east#2`, `east/private 7`. */
  readonly key: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Address inside the cluster, or "". */
  readonly node: string;
  /** Used by all clients with the same settings, or by one alone. */
  readonly lane: "shared" | "private";
  /** How far it is. */
  readonly state: "opening" | "replaying" | "ready" | "gone";
  /** Requests in flight. */
  readonly inFlight: number;
  /** Requests that wait until it is ready. */
  readonly queued: number;
  /** Bytes held for later. */
  readonly heldBytes: number;
}

/** One client. */
export interface ClientView {
  /** `client 7`. */
  readonly key: string;
  /** "held": its next request waits for one before it. "paused": it is read no further for the moment. */
  readonly state: "reading" | "held" | "paused" | "ending";
  /** Requests without their whole answer. */
  readonly inFlight: number;
  /** Bytes held in the router. */
  readonly heldBytes: number;
  /** Bytes that wait in the host; 0 while it takes all. */
  readonly unsentBytes: number;
}

/** See {@link UpstreamView}. */
export function upstreamView(upstream: Upstream): UpstreamView {
  const { name, state, retired, retryAt, stats, commands, spec } = upstream;
  let [inFlight, queued, errorReplies] = [0, 0, upstream.errorsBefore];
  for (const link of upstream.links) {
    inFlight += link.inFlight.size;
    queued += link.sender.queued.length;
    errorReplies += link.codec.errors;
  }
  const links = upstream.links.size;
  return {
    ...{ name, cluster: spec.name, state, retired, retryAt },
    ...{ links, inFlight, queued, errorReplies, stats, commands },
  };
}

/** See {@link LinkView}. */
export function linkView(link: Link): LinkView {
  const { key, cluster, state, inFlight, sender, heldBytes } = link;
  const lane = link.session === null ? "shared" : "private";
  const { node } = link.upstream;
  const queued = sender.queued.length;
  return { key, cluster, node, lane, state, inFlight: inFlight.size, queued, heldBytes };
}

/** See {@link ClientView}. */
export function clientView(session: Session): ClientView {
  const { key, state, open, heldBytes, unsent } = session;
  return { key, state, inFlight: open, heldBytes, unsentBytes: Math.max(0, unsent) };
}
