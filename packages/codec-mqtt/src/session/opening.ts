/**
 * Opens links to brokers: CONNECT to each, CONNACK of all, and then one
 * outcome. A session that some brokers have kept and others have not:
 *
 * ```
 *   all kept · none kept ──▶ as they say
 *   mixed, filters known ──▶ the others are subscribed again ──▶ kept
 *   mixed, not known ──▶ those that kept it are left and opened anew, clean ──▶ not kept
 *   one refuses or is not there · the session cannot be kept
 *     ──▶ the others hear DISCONNECT (no will) ──▶ refused
 * ```
 */
import {
  type Fragment,
  fragment,
  type NextPlan,
  type Reply,
  type RouterContext,
  type RoutingTable,
} from "@echarde/core";
import { LINK_IDS } from "../link-ids.ts";
import { decodePacket } from "../wire/decode.ts";
import { encodePacket } from "../wire/encode.ts";
import { FRAME, FrameReader } from "../wire/frame-reader.ts";
import type { Connack } from "../wire/packets.ts";
import { reason } from "../wire/reasons.ts";
import type { Brokers } from "./brokers.ts";
import type { Client } from "./client.ts";
import type { SessionState } from "./session-state.ts";

/** All brokers have accepted the client; `go` goes on or, false, refuses it. */
export type Accepted = (go: (on: boolean) => NextPlan) => NextPlan;

/** What came of it. */
export interface Opened {
  /** In the order of the names; empty when refused. */
  readonly connacks: readonly Connack[];
  /** Whether the session goes on. */
  readonly sessionPresent: boolean;
  /** Reason code of the refusal, 0 = none. */
  readonly refusal: number;
  /** For a person; may be "". */
  readonly words: string;
}

/** See the module. */
export class Opening {
  readonly #router: RouterContext;
  readonly #table: RoutingTable;
  readonly #brokers: Brokers;
  readonly #client: Client;
  readonly #state: SessionState;
  readonly #names: readonly string[];
  readonly #done: (opened: Opened) => NextPlan;
  readonly #connacks: Map<string, Connack> = new Map<string, Connack>();

  constructor(
    router: RouterContext,
    brokers: Brokers,
    who: { readonly client: Client; readonly state: SessionState },
    names: readonly string[],
    done: (opened: Opened) => NextPlan,
  ) {
    this.#router = router;
    this.#table = router.table;
    this.#brokers = brokers;
    this.#client = who.client;
    this.#state = who.state;
    this.#names = names;
    this.#done = done;
  }

  /** Sends CONNECT to all of the names; when none has refused, `accepted` says whether and when it goes on. */
  start(cleanStart: boolean, accepted: Accepted): Fragment {
    const go = (on: boolean): NextPlan =>
      on ? this.#agree() : this.#refuse(reason.serverUnavailable, "its session cannot be kept");
    return this.#connect(this.#names, cleanStart, () => accepted(go));
  }

  #connect(names: readonly string[], cleanStart: boolean, then: () => NextPlan): Fragment {
    const parts = names.flatMap((name) => {
      const left = this.#brokers.state(name) === "leaving";
      this.#brokers.set(name, left ? "reopening" : "opening");
      const packet = this.#client.connectFor(name, this.#router, cleanStart);
      return this.#brokers.ask(this.#table, name, packet, LINK_IDS.connack);
    });
    const heard = (replies: readonly Reply[]): NextPlan => {
      let refusal = 0;
      names.forEach((name, i) => {
        const connack = this.#connackOf(replies[i]);
        const state = this.#brokers.state(name);
        if (typeof connack === "object" && (state === "opening" || state === "reopening")) {
          this.#brokers.set(name, "live");
          this.#connacks.set(name, connack);
          return;
        }
        this.#brokers.set(name, "closed");
        const code = typeof connack === "number" ? connack : reason.serverUnavailable;
        // What is wrong with the client says more than who is not there.
        if (refusal === 0 || refusal === reason.serverUnavailable) refusal = code;
      });
      return refusal === 0 ? then() : this.#refuse(refusal);
    };
    return fragment(parts, heard, { hold: true });
  }

  /** The CONNACK, or the reason code of a refusal. */
  #connackOf(reply: Reply | undefined): Connack | number {
    const [frame] = reply?.frames ?? [];
    if (frame === undefined || reply?.failure !== null) return reason.serverUnavailable;
    const { version } = this.#client;
    const reader = new FrameReader("server", version);
    if (reader.read(frame, 0) !== FRAME) return reason.unspecifiedError;
    const packet = decodePacket(frame.slice(), reader, version, "server");
    if (packet.type !== "connack") return reason.unspecifiedError;
    if (packet.reason === 0) return packet;
    if (version === 4) return reasonOfReturnCode[packet.reason] ?? reason.unspecifiedError;
    // The client must not leave the router.
    const elsewhere =
      packet.reason === reason.useAnotherServer || packet.reason === reason.serverMoved;
    return elsewhere ? reason.serverUnavailable : packet.reason;
  }

  #agree(): NextPlan {
    const kept = this.#names.filter((name) => this.#connacks.get(name)?.sessionPresent === true);
    const others = this.#names.filter((name) => !kept.includes(name));
    if (kept.length === 0 || others.length === 0) return this.#finish(kept.length > 0);
    if (this.#state.subscriptions.size > 0) return this.#subscribeAgain(others);
    return this.#beginAnew(kept);
  }

  #subscribeAgain(names: readonly string[]): NextPlan {
    const all = [...this.#state.subscriptions.values()];
    const ids = names.map(() => 0);
    const parts = names.flatMap((name, i) => {
      this.#state.deliveries.clear(name);
      const mine = all.filter(({ brokers }) => brokers.includes(name));
      // One SUBSCRIBE for each identifier would need several ids; ids above the client's are the router's.
      return mine.flatMap(({ subscription, properties }) => {
        const packetId = 0xffff - (ids[i] as number);
        ids[i] = (ids[i] as number) + 1;
        const again = { ...subscription, retainHandling: 2 as const };
        const packet = encodePacket(
          { type: "subscribe", packetId, properties, subscriptions: [again] },
          this.#client.version,
        );
        return this.#brokers.ask(this.#table, name, packet, LINK_IDS.suback(packetId));
      });
    });
    if (parts.length === 0) return this.#finish(true);
    return fragment(
      parts,
      (replies) =>
        replies.every(({ failure }) => failure === null)
          ? this.#finish(true)
          : this.#refuse(reason.serverUnavailable),
      { hold: true },
    );
  }

  /** Leaves those that kept the session, and opens them without it. */
  #beginAnew(kept: readonly string[]): NextPlan {
    const bye = this.#disconnect();
    const parts = kept.flatMap((name) => {
      this.#brokers.set(name, "leaving");
      return this.#brokers.ask(this.#table, name, bye, LINK_IDS.never);
    });
    return fragment(parts, () => this.#connect(kept, true, () => this.#finish(false)), {
      hold: true,
    });
  }

  #finish(sessionPresent: boolean): NextPlan {
    const gone = this.#names.some((name) => this.#brokers.state(name) !== "live");
    if (gone) return this.#refuse(reason.serverUnavailable);
    const connacks = this.#names.flatMap((name) => this.#connacks.get(name) ?? []);
    return this.#done({ connacks, sessionPresent, refusal: 0, words: "" });
  }

  #refuse(refusal: number, words = wordsOf(refusal)): NextPlan {
    const refused: Opened = { connacks: [], sessionPresent: false, refusal, words };
    const answer = (): NextPlan => this.#done(refused);
    const bye = this.#disconnect();
    const parts = this.#names.flatMap((name) => {
      if (this.#brokers.state(name) !== "live") return [];
      this.#brokers.set(name, "closed");
      return this.#brokers.tell(this.#table, name, bye);
    });
    return parts.length === 0 ? answer() : fragment(parts, answer, { hold: true });
  }

  #disconnect(): Uint8Array {
    return encodePacket(
      { type: "disconnect", reason: null, properties: null },
      this.#client.version,
    );
  }
}

/** A broker's refusal speaks for itself. */
function wordsOf(refusal: number): string {
  return refusal === reason.serverUnavailable ? "a cluster is not there" : "";
}

/** Return codes of MQTT 3.1.1 as reason codes of MQTT 5. */
const reasonOfReturnCode: readonly number[] = [
  0,
  reason.unsupportedProtocolVersion,
  reason.clientIdentifierNotValid,
  reason.serverUnavailable,
  reason.badUserNameOrPassword,
  reason.notAuthorized,
];
