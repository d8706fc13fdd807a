/**
 * CONNECT to brokers, and what they answer.
 *
 * ```
 *   connect: CONNECT ──▶ CONNACK · refusal · it is not there
 *   anew:    DISCONNECT ──▶ CONNECT, clean ──▶ …
 *            MQTT 3.1.1, where clean also means that nothing is kept later, once more:
 *            DISCONNECT ──▶ CONNECT, clean ──▶ DISCONNECT ──▶ CONNECT ──▶ …
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
import type { Property } from "../wire/properties.ts";
import { reason } from "../wire/reasons.ts";
import type { Brokers } from "./brokers.ts";
import type { Client } from "./client.ts";
import { wordsIn } from "./own-packets.ts";

/** A broker does not accept the client. */
export interface Refusal {
  readonly type: "refusal";
  /** Reason code of MQTT 5. */
  readonly reason: number;
  /** It is not there: it may be later. */
  readonly away: boolean;
  /** What it says for a person. */
  readonly words: readonly Property[];
}

/** What a broker says. */
export type Answer = Connack | Refusal;

/** See the module. */
export class Connecting {
  readonly table: RoutingTable;
  readonly brokers: Brokers;
  readonly client: Client;
  readonly #router: RouterContext;

  constructor(router: RouterContext, brokers: Brokers, client: Client) {
    this.#router = router;
    this.table = router.table;
    this.brokers = brokers;
    this.client = client;
  }

  /** Opens links; `then` hears what each broker said. Those that accept are live then, the others closed. */
  connect(
    names: readonly string[],
    cleanStart: boolean,
    then: (answers: readonly Answer[]) => NextPlan,
    hold = true,
  ): Fragment {
    const { brokers } = this;
    const parts = names.flatMap((name) => {
      brokers.set(name, brokers.state(name) === "leaving" ? "reopening" : "opening");
      const packet = this.client.connectFor(name, this.#router, cleanStart);
      return brokers.ask(this.table, name, packet, LINK_IDS.connack);
    });
    const heard = (replies: readonly Reply[]): NextPlan =>
      then(
        names.map((name, i) => {
          const answer = this.#read(replies[i]);
          const state = brokers.state(name);
          const stands = state === "opening" || state === "reopening";
          brokers.set(name, stands && answer.type === "connack" ? "live" : "closed");
          // One that refuses closes its link, perhaps before the others have answered.
          return stands || answer.type === "refusal" ? answer : notThere;
        }),
      );
    return fragment(parts, heard, { hold });
  }

  /** Leaves brokers, and opens their links without what they had kept. */
  anew(
    names: readonly string[],
    then: (answers: readonly Answer[]) => NextPlan,
    hold = true,
  ): Fragment {
    const { version, connect } = this.client;
    if (version === 5 || connect.cleanStart) {
      return this.#leave(names, () => this.connect(names, true, then, hold), hold);
    }
    const again = (answers: readonly Answer[]): NextPlan => {
      if (answers.some(({ type }) => type === "refusal")) return then(answers);
      return this.#leave(names, () => this.connect(names, false, then, hold), hold);
    };
    return this.#leave(names, () => this.connect(names, true, again, hold), hold);
  }

  /** DISCONNECT in the client's version. */
  get bye(): Uint8Array {
    return encodePacket(
      { type: "disconnect", reason: null, properties: null },
      this.client.version,
    );
  }

  #leave(names: readonly string[], then: () => NextPlan, hold: boolean): Fragment {
    const { bye, brokers } = this;
    const parts = names.flatMap((name) => {
      brokers.set(name, "leaving");
      return brokers.ask(this.table, name, bye, LINK_IDS.never);
    });
    return fragment(parts, then, { hold });
  }

  #read(reply: Reply | undefined): Answer {
    const [frame] = reply?.frames ?? [];
    if (frame === undefined || reply?.failure !== null) return notThere;
    const { version } = this.client;
    const reader = new FrameReader("server", version);
    if (reader.read(frame, 0) !== FRAME) return refusal(reason.unspecifiedError);
    const packet = decodePacket(frame.slice(), reader, version, "server");
    if (packet.type !== "connack") return refusal(reason.unspecifiedError);
    if (packet.reason === 0) return packet;
    const code = version === 4 ? reasonOfReturnCode[packet.reason] : packet.reason;
    switch (code) {
      case reason.useAnotherServer: // the client must not leave the router
      case reason.serverMoved:
      case reason.serverUnavailable:
        return notThere;
      default:
        return refusal(code ?? reason.unspecifiedError, wordsIn(packet.properties));
    }
  }
}

function refusal(code: number, words: readonly Property[] = []): Refusal {
  return { type: "refusal", reason: code, away: false, words };
}

const notThere: Refusal = {
  type: "refusal",
  reason: reason.serverUnavailable,
  away: true,
  words: [],
};

/** Return codes of MQTT 3.1.1 as reason codes of MQTT 5. */
const reasonOfReturnCode: readonly number[] = [
  0,
  reason.unsupportedProtocolVersion,
  reason.clientIdentifierNotValid,
  reason.serverUnavailable,
  reason.badUserNameOrPassword,
  reason.notAuthorized,
];
