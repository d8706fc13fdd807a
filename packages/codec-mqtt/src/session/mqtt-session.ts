/**
 * One client connection: reads packets, and gives each to the part of the
 * session that it is about.
 *
 * ```
 *   new ──CONNECT──▶ connecting ──brokers agree──▶ connected ──DISCONNECT──▶ ended
 *    │                  └──refused──▶ ended            │ a broker is lost · it says DISCONNECT ·
 *    └──anything else──▶ ended                         │ silence · another connection takes over
 *                                                      └──▶ ended (wills are published)
 * ```
 * PUBLISH and its acknowledgements are one-way packets in both directions:
 * what has an answer to wait for here is CONNECT, SUBSCRIBE, UNSUBSCRIBE and
 * the router's own PINGREQ.
 */
import {
  ask,
  BaseSession,
  encodeUtf8,
  type Failure,
  type KeptSession,
  type NextPlan,
  noReaction,
  type OwnRules,
  type Plan,
  type Reaction,
  type RouterContext,
  refuse,
  type SessionContext,
  type SessionQuestion,
  skip,
} from "@echarde/core";
import type { Holder, Sessions } from "../sessions.ts";
import { SourcedRouter, type SourceTables } from "../sources/source-tables.ts";
import { decodePacket } from "../wire/decode.ts";
import { ERROR, FrameReader, LARGEST_PACKET, NEED } from "../wire/frame-reader.ts";
import type * as type from "../wire/packet-types.ts";
import type { Connect } from "../wire/packets.ts";
import { numberOf, propertyId, textOf } from "../wire/properties.ts";
import { reason } from "../wire/reasons.ts";
import type { Rejection } from "../wire/rejection.ts";
import { Client } from "./client.ts";
import { Connected } from "./connected.ts";
import { KeepAlive } from "./keep-alive.ts";
import { connackRefusal, disconnectPacket, type Recipient, rejectionWords } from "./own-packets.ts";
import type { Policy } from "./policy.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { SessionState } from "./session-state.ts";

/** See the module. */
export class MqttSession extends BaseSession implements Holder {
  readonly #context: SessionContext;
  readonly #sessions: Sessions;
  readonly #sources: SourceTables;
  readonly #policy: Policy;
  /** With the session's own table, once CONNECT says whose it is. */
  #sourced: RouterContext;
  readonly #reader: FrameReader;
  readonly #keepAlive: KeepAlive;
  #connected: Connected | null = null;
  #takenOver = false;
  #gone = false;
  #clientId = "";
  /** Whether the brokers have not answered to CONNECT yet. */
  #arriving = false;
  #recipient: Recipient = { version: 0, largestPacket: LARGEST_PACKET };
  /** That of a CONNECT that was refused, 0 while its level was not read. */
  #level: type.Version | 0 = 0;

  constructor(
    router: RouterContext,
    context: SessionContext,
    sessions: Sessions,
    sources: SourceTables,
    policy: Policy,
  ) {
    super(router);
    this.#policy = policy;
    this.#context = context;
    this.#sessions = sessions;
    this.#sources = sources;
    this.#sourced = router;
    this.#reader = new FrameReader("client", 0, router.limits.maxRequest);
    this.#keepAlive = new KeepAlive(context.now);
    this.wakeAt = this.#keepAlive.wakeAt;
  }

  /** That of its CONNECT, 5 before it. */
  get version(): type.Version {
    return this.#reader.version === 4 ? 4 : 5;
  }

  get ownRules(): OwnRules | null {
    const router = this.#sourced;
    return router instanceof SourcedRouter ? router : null;
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    const reader = this.#reader;
    const status = reader.read(bytes, from);
    this.label = labels[reader.type] ?? "";
    if (status === NEED) {
      this.need = reader.need;
      return null;
    }
    if (status === ERROR) {
      this.end = bytes.length;
      return this.#reject(reader.rejection as Rejection);
    }
    this.end = reader.end;
    this.#keepAlive.heard(this.#context.now);
    const connected = this.#connected;
    const plan = connected === null ? this.#connect(bytes) : connected.request(bytes, reader);
    if (plan.type === "rejection") return this.#reject(plan);
    return plan;
  }

  override keys(bytes: Uint8Array): readonly Uint8Array[] {
    return this.#connected?.keys(bytes, this.#reader) ?? [];
  }

  override push(frame: Uint8Array, cluster: string): Reaction {
    return this.#connected?.push(frame, cluster) ?? noReaction;
  }

  override wake(): Reaction {
    const connected = this.#connected;
    if (this.#takenOver) return this.#replaced();
    const what = this.#keepAlive.look(this.#context.now);
    if (what === "timeout") return this.#ending(reason.keepAliveTimeout, "nothing was heard");
    const again = connected?.retry() ?? noReaction;
    const pings = what === "ping" && connected !== null ? connected.ping() : noReaction;
    this.#arm();
    return again === noReaction ? pings : { ...again, plans: [...again.plans, ...pings.plans] };
  }

  override pinned(cluster: string): boolean {
    return this.#connected?.uses(cluster) ?? false;
  }

  override lost(cluster: string): Reaction {
    const reaction = this.#connected?.lost(cluster) ?? noReaction;
    this.#arm();
    // A broker closes the older link of a client id; not all say so, and this may be seen before they accept.
    const replaced = this.#takenOver || this.#sessions.isContended(this.#clientId);
    return reaction.end && replaced ? this.#replaced() : reaction;
  }

  failure(failure: Failure): Uint8Array {
    const code = failure.reason === "too-large" ? reason.packetTooLarge : reason.serverBusy;
    const [packet] = this.#goodbye(code);
    return packet ?? nothing;
  }

  override closed(): void {
    this.#gone = true;
    this.#answered();
    this.#connected?.closed();
  }

  takenOver(): void {
    this.#takenOver = true;
    this.#context.wake();
  }

  #connect(bytes: Uint8Array): Plan | Rejection {
    // The level stands behind "MQTT"; a refusal is to be in the client's own version.
    this.#level = bytes[this.#reader.body + 6] === 4 ? 4 : 5;
    const connect = decodePacket(bytes, this.#reader, 5, "client");
    if (connect.type === "rejection") return connect;
    if (connect.type !== "connect") return unexpected;
    const { version } = connect;
    this.#reader.version = version;
    const most = numberOf(connect.properties, propertyId.maximumPacketSize, LARGEST_PACKET);
    this.#recipient = { version, largestPacket: most };
    if (textOf(connect.properties, propertyId.authenticationMethod) !== null) {
      const words = "no authentication of several steps over several brokers";
      return refuse(connackRefusal(this.#recipient, reason.badAuthenticationMethod, words), {
        end: true,
      });
    }
    const { id, now } = this.#context;
    this.#sourced = this.#sources.routerFor(connect.clientId, connect.userName, id !== 0);
    const willBroker = this.#willBroker(connect);
    if (willBroker === "") {
      return refuse(
        connackRefusal(this.#recipient, reason.topicNameInvalid, "nobody owns the will's topic"),
        {
          end: true,
        },
      );
    }
    const clientId = connect.clientId || this.#sessions.newClientId(now);
    const client = new Client(
      kept(connect),
      { clientId, willBroker },
      Math.min(this.router.limits.maxRequest, LARGEST_PACKET),
    );
    const state = new SessionState();
    const connected = new Connected(this.#sourced, client, state, {
      policy: this.#policy,
      learned: this.#sessions.learned,
      retry: () => this.#context.wake(),
      accepted: (go) => this.#claim(client, state, go),
      begin: (seconds) => this.#begin(seconds),
      closed: (until) => this.#sessions.release(clientId, this, until, this.#context.now),
      now: () => this.#context.now,
      dropped: (why) => {
        const { dropped } = this.#sessions;
        dropped.set(why, (dropped.get(why) ?? 0) + 1);
      },
    });
    this.#connected = connected;
    this.#keepAlive.introduced();
    this.#arm();
    this.#clientId = clientId;
    // What is only explained contends for nobody's session.
    if (id !== 0) {
      this.#sessions.arrives(clientId, 1);
      this.#arriving = true;
    }
    return connected.open();
  }

  /** The client id becomes this connection's, and the session with it, wherever that is kept. */
  #claim(client: Client, state: SessionState, go: (on: boolean) => NextPlan): NextPlan {
    const { clientId, idle } = client;
    const { cleanStart } = client.connect;
    const { records } = this.router;
    const claimed = (): NextPlan => {
      this.#answered();
      const keeper = records === null ? null : new SessionKeeper(records, clientId);
      if (idle === 0) keeper?.rest(0); // it ends with the connection
      state.keptBy(idle === 0 ? null : keeper);
      this.#sessions.claim(clientId, this, state);
      return go(true);
    };
    const take = (kept: SessionState | null): void => {
      if (cleanStart) state.leave(kept);
      else state.adopt(kept);
    };
    const own = (): SessionState | null => this.#sessions.kept(clientId, this.#context.now);
    if (records === null) {
      take(own());
      return claimed();
    }
    // With lazy links it counts which brokers have an older session, though it is not wanted.
    const anew = cleanStart && !this.#policy.lazy;
    const question: SessionQuestion = { session: clientId, anew };
    return ask("session", question, (answer) => {
      if (this.#gone) return skip;
      if (answer === undefined) return go(false);
      const kept = answer as KeptSession | null;
      let known = kept?.current === true ? own() : null;
      if (kept !== null && known === null) {
        known = new SessionState();
        known.restore(kept.items);
      }
      take(known);
      return claimed();
    });
  }

  #begin(keepAlive: number): void {
    this.#keepAlive.begin(this.#context.now, keepAlive);
    this.#arm();
  }

  #arm(): void {
    const retryAt = this.#connected?.retryAt ?? Number.POSITIVE_INFINITY;
    this.wakeAt = Math.min(this.#keepAlive.wakeAt, retryAt);
  }

  /** Null = there is no will, "" = nobody owns its topic. */
  #willBroker({ will }: Connect): string | null {
    if (will === null) return null;
    const topic = encodeUtf8(will.topic);
    const { table } = this.#sourced;
    return table.clusters[table.route(topic, 0, topic.length)]?.name ?? "";
  }

  /** Refuses bytes that are wrong, in the words of where the connection stands. */
  #reject(rejection: Rejection): NextPlan {
    const words = rejectionWords(rejection);
    if (this.#connected !== null) {
      return refuse(this.#goodbye(rejection.reason, words), { end: true });
    }
    // Only a CONNECT that was read is answered before there is a session.
    if (this.#level === 0) return refuse([], { end: true });
    const answered = rejection.reason === reason.unsupportedProtocolVersion ? 4 : this.#level;
    const to = { ...this.#recipient, version: answered } as const;
    return refuse(connackRefusal(to, rejection.reason, words), { end: true });
  }

  #answered(): void {
    if (this.#arriving) this.#sessions.arrives(this.#clientId, -1);
    this.#arriving = false;
  }

  #replaced(): Reaction {
    return this.#ending(reason.sessionTakenOver, "another connection took over");
  }

  /** Why the connection ends: DISCONNECT, but never before CONNACK [MQTT-3.14.0-1]. */
  #goodbye(code: number, words = ""): Uint8Array[] {
    if (this.#connected === null) return [];
    if (this.#connected.stands) return disconnectPacket(this.#recipient, code, words);
    return connackRefusal(this.#recipient, reason.serverUnavailable, words);
  }

  #ending(code: number, words: string): Reaction {
    const bytes = this.#goodbye(code, words);
    const emit = bytes.length === 0 ? [] : [{ to: null, bytes }];
    return { emit, plans: [], end: true };
  }
}

/** A copy of what is a view of the client's bytes: it is sent again later. */
function kept(connect: Connect): Connect {
  const { will, password } = connect;
  return {
    ...connect,
    properties: connect.properties.map((each) =>
      each.id === propertyId.authenticationData ? { ...each, value: each.value.slice() } : each,
    ),
    will:
      will === null
        ? null
        : {
            ...will,
            payload: will.payload.slice(),
            properties: will.properties.map((each) =>
              each.id === propertyId.correlationData
                ? { ...each, value: each.value.slice() }
                : each,
            ),
          },
    password: password?.slice() ?? null,
  };
}

const nothing = new Uint8Array(0);
const unexpected: Rejection = {
  type: "rejection",
  reason: reason.protocolError,
  clause: "MQTT-3.1.0-1",
  message: "a packet before CONNECT",
};
const labels: readonly string[] = [
  ...["", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE"],
  ...["SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"],
];
