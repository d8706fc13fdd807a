/**
 * Subscriptions over independent servers. A channel has one owner, by the same
 * rules as a key; a pattern, and the channels of keyspace events, live on
 * every cluster. They stand on the session's own links. The counts in the
 * acknowledgements are the session's, so these are made here.
 *
 * ```
 *   SUBSCRIBE a b ─▶ redis1: SUBSCRIBE a   redis2: SUBSCRIBE b
 *                 ◀─ subscribe a 1, subscribe b 2
 *   one cluster refuses ─▶ the others are unsubscribed again, then the error
 * ```
 */
import type { NextPlan, Part, Plan, Refuse, Reply } from "@echarde/core";
import { frameOf, local, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1, latin1Text } from "../wire/ascii.ts";
import { isError, ReplyItem } from "../wire/reply-reader.ts";
import {
  bulk,
  bulkText,
  EMPTY_BULK,
  integer,
  nullBulk,
  type Protocol,
  pushHeader,
} from "../wire/reply-writer.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { expects, fragment, part } from "./sending.ts";

/** The three kinds of subscription. */
export type Kind = "channel" | "pattern" | "shard-channel";

/** What a session is subscribed to: name (one character a byte) to the clusters where it stands. */
export class Subscriptions {
  readonly #held: Record<Kind, Map<string, readonly string[]>> = {
    channel: new Map(),
    pattern: new Map(),
    "shard-channel": new Map(),
  };

  /** As Redis counts: channels and patterns together, shard channels apart. */
  count(kind: Kind): number {
    const { channel, pattern, "shard-channel": shard } = this.#held;
    return kind === "shard-channel" ? shard.size : channel.size + pattern.size;
  }

  /** Subscriptions of all kinds. */
  get size(): number {
    return this.count("channel") + this.count("shard-channel");
  }

  /** Names of a kind. */
  of(kind: Kind): Map<string, readonly string[]> {
    return this.#held[kind];
  }

  /** Whether any stands on this cluster. */
  on(cluster: string): boolean {
    return Object.values(this.#held).some((names) =>
      [...names.values()].some((clusters) => clusters.includes(cluster)),
    );
  }

  /** Forgets all. */
  clear(): void {
    for (const names of Object.values(this.#held)) names.clear();
  }
}

const verbs: Record<Kind, { readonly on: string; readonly off: string }> = {
  channel: { on: "subscribe", off: "unsubscribe" },
  pattern: { on: "psubscribe", off: "punsubscribe" },
  "shard-channel": { on: "ssubscribe", off: "sunsubscribe" },
};

/** SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE. */
export function subscribe(session: RedisSession, request: Request, kind: Kind): Plan {
  const names: string[] = [];
  for (let i = 1; i < request.argc; i++) names.push(request.text(i));
  const owners = names.map((name) => clustersOf(session, kind, name));
  if (owners.some((clusters) => clusters.length === 0)) return session.noOwner();
  const said = session.replies === "on" ? asItIs : withoutWords;
  const sendings = byCluster(names, owners);
  session.messages.waiting = true;
  return fragment(
    partsOf(sendings, verbs[kind].on),
    (replies) => {
      const failure = subscriptionFailure(replies);
      if (failure !== null) return takeBack(session, kind, sendings, replies, said(failure));
      const held = session.subscriptions.of(kind);
      const messages = session.messages.release();
      return local(
        ...names.flatMap((name, i) => {
          held.set(
            name,
            (owners[i] as number[]).map((cluster) => session.runtime.nameOf(cluster)),
          );
          return acknowledgement(session, verbs[kind].on, name, kind);
        }),
        ...messages,
      );
    },
    { hold: true },
  );
}

/** UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE; without names all of the kind. */
export function unsubscribe(session: RedisSession, request: Request, kind: Kind): Plan {
  const held = session.subscriptions.of(kind);
  const verb = verbs[kind].off;
  const names: string[] = [];
  for (let i = 1; i < request.argc; i++) names.push(request.text(i));
  if (names.length === 0) names.push(...held.keys());
  const finish = (): NextPlan => {
    if (names.length === 0) return local(...acknowledgement(session, verb, null, kind));
    return local(
      ...names.flatMap((name) => {
        held.delete(name);
        return acknowledgement(session, verb, name, kind);
      }),
    );
  };
  const there = [...new Set(names)].filter((name) => held.has(name));
  const owners = there.map((name) =>
    (held.get(name) ?? [])
      .map((cluster) => session.runtime.indexOf(cluster))
      .filter((index) => index >= 0),
  );
  const parts = partsOf(byCluster(there, owners), verb);
  if (parts.length === 0) return finish();
  const said = session.replies === "on" ? asItIs : withoutWords;
  const merge = (replies: readonly Reply[]): NextPlan => {
    const failure = subscriptionFailure(replies);
    return failure === null ? finish() : said(failure);
  };
  return fragment(parts, merge, { hold: true });
}

/**
 * Acknowledgements of subscriptions, as Redis sends them: pushes, which CLIENT REPLY OFF and SKIP do not
 * keep back. Only their errors are.
 */
export const pushing: ReadonlySet<string> = new Set(
  ["", "p", "s"].flatMap((kind) => [`${kind}subscribe`, `${kind}unsubscribe`]),
);

function asItIs(failure: Refuse): Refuse {
  return failure;
}

function withoutWords(failure: Refuse): Refuse {
  return { ...failure, bytes: [] };
}

/** PING of a RESP2 subscriber. */
export function subscriberPong(request: Request): Plan {
  return local(
    latin1("*2\r\n$4\r\npong\r\n"),
    request.argc > 1 ? bulk(request.arg(1)) : EMPTY_BULK,
  );
}

interface Sending {
  readonly cluster: number;
  readonly names: string[];
}

function byCluster(names: readonly string[], owners: readonly (readonly number[])[]): Sending[] {
  const sendings = new Map<number, Sending>();
  names.forEach((name, i) => {
    for (const cluster of owners[i] ?? []) {
      const sending = sendings.get(cluster);
      if (sending === undefined) sendings.set(cluster, { cluster, names: [name] });
      else sending.names.push(name);
    }
  });
  return [...sendings.values()];
}

function partsOf(sendings: readonly Sending[], verb: string): Part[] {
  return sendings.map(({ cluster, names }) =>
    part(
      cluster,
      "private",
      [encodeRequest([verb, ...names].map(latin1))],
      names.length,
      expects.subscription,
    ),
  );
}

/** Keyspace events are emitted where the key lives, so their channels have no single owner. */
function clustersOf(session: RedisSession, kind: Kind, name: string): number[] {
  const { runtime } = session;
  if (kind === "pattern" || (kind === "channel" && /^__key(space|event)@/.test(name))) {
    return [...runtime.allClusters];
  }
  const bytes = latin1(name);
  const owner = runtime.owner(bytes, 0, bytes.length);
  return owner < 0 ? [] : [owner];
}

function subscriptionFailure(replies: readonly Reply[]): Refuse | null {
  return splitFailure(replies, false);
}

/**
 * One cluster refused: what the others granted, and was not held before, is
 * given back. Of the messages that came meanwhile those remain that the
 * client was subscribed to all along.
 */
function takeBack(
  session: RedisSession,
  kind: Kind,
  sendings: readonly Sending[],
  replies: readonly Reply[],
  failure: Refuse,
): NextPlan {
  const held = session.subscriptions.of(kind);
  const granted = sendings
    .filter((_, i) => {
      const frame = frameOf(replies[i]);
      return frame !== null && !isError(frame);
    })
    .map(({ cluster, names }) => ({ cluster, names: names.filter((name) => !held.has(name)) }))
    .filter(({ names }) => names.length > 0);
  const refused = (): Refuse => {
    const messages = session.messages.release().filter((frame) => isHeld(session, frame));
    return { ...failure, bytes: [...failure.bytes, ...messages] };
  };
  if (granted.length === 0) return refused();
  return fragment(partsOf(granted, verbs[kind].off), refused, { hold: true });
}

/** Whether a message belongs to a subscription that the client has. */
function isHeld(session: RedisSession, frame: Uint8Array): boolean {
  const item = new ReplyItem();
  const first = item.open(frame);
  const second = item.open(frame, first);
  const kind = latin1Text(frame, item.from, item.to);
  item.open(frame, second);
  const name = latin1Text(frame, item.from, item.to);
  const kinds: Readonly<Record<string, Kind>> = {
    message: "channel",
    pmessage: "pattern",
    smessage: "shard-channel",
  };
  const of = kinds[kind];
  return of !== undefined && session.subscriptions.of(of).has(name);
}

function acknowledgement(
  session: RedisSession,
  verb: string,
  name: string | null,
  kind: Kind,
): Uint8Array[] {
  const protocol: Protocol = session.protocol;
  return [
    pushHeader(3, protocol),
    bulkText(verb),
    name === null ? nullBulk(protocol) : bulkText(name),
    integer(session.subscriptions.count(kind)),
  ];
}
