/**
 * Opens the link to one broker while its client is connected: one that is
 * needed for the first time, or one that was lost.
 *
 * ```
 *   CONNECT ──▶ refused · not there ──▶ says so
 *      └──CONNACK──▶ joining: it hears of subscriptions that it does not know ──▶ live
 *           ├──it has lost its part of a session whose subscriptions are not known ──▶ says so
 *           └──it has kept a session that this one is not ──▶ opened anew ──▶ joining
 * ```
 */
import type { NextPlan } from "@echarde/core";
import type { Connack } from "../wire/packets.ts";
import { reason } from "../wire/reasons.ts";
import { CatchingUp } from "./catching-up.ts";
import type { Answer, Connecting } from "./connecting.ts";
import type { SessionState } from "./session-state.ts";

/** What came of it. */
export interface Came {
  /** Whether the broker takes packets now. */
  readonly live: boolean;
  /** Reason code when it does not want the client or its subscriptions, 0 = it is just not there (yet). */
  readonly refusal: number;
  /** Why, "" = the broker refuses. */
  readonly words: string;
  /** Its CONNACK, null = none. */
  readonly connack: Connack | null;
}

/** See the module. */
export class LateOpening {
  readonly #connecting: Connecting;
  readonly #state: SessionState;

  constructor(connecting: Connecting, state: SessionState) {
    this.#connecting = connecting;
    this.#state = state;
  }

  /** `hold` = the client's later packets wait. */
  start(name: string, hold: boolean, then: (came: Came) => NextPlan): NextPlan {
    const { client } = this.#connecting;
    const { version, connect } = client;
    const fresh = !this.#state.parts.has(name);
    // In MQTT 3.1.1 clean means that nothing is kept later, too; in MQTT 5 it would end what was begun.
    const clean = connect.cleanStart && (version === 4 || fresh);
    const hear = (answer: Answer | undefined): NextPlan => {
      if (answer?.type === "connack") return this.#joins(name, answer, hold, then);
      return then({
        live: false,
        refusal: answer?.away ? 0 : (answer?.reason ?? 0),
        words: "",
        connack: null,
      });
    };
    return this.#connecting.connect(
      [name],
      clean,
      ([answer]) => {
        const foreign = fresh && answer?.type === "connack" && answer.sessionPresent;
        const lost = !fresh && answer?.type === "connack" && !answer.sessionPresent;
        if (lost && !this.#state.followed) {
          // The client has been told that its subscriptions stand, and nobody knows which they were.
          this.#state.breaks();
          const words = `cluster ${name} has lost the session: connect again`;
          return then({ live: false, refusal: reason.serverShuttingDown, words, connack: null });
        }
        if (!foreign) return hear(answer);
        return this.#connecting.anew([name], ([again]) => hear(again), hold);
      },
      hold,
    );
  }

  #joins(name: string, connack: Connack, hold: boolean, then: (came: Came) => NextPlan): NextPlan {
    const { brokers, table, client } = this.#connecting;
    brokers.set(name, "joining");
    const { sessionPresent } = connack;
    if (!sessionPresent) this.#state.deliveries.abandon(name);
    const which = { forgot: sessionPresent ? [] : [name], kept: sessionPresent ? [name] : [] };
    const catching = new CatchingUp(brokers, this.#state, client.version);
    return catching.start(
      table,
      which,
      (came) => {
        const live = came === "well" && brokers.state(name) === "joining";
        brokers.set(name, live ? "live" : "closed");
        if (live) this.#state.joins(name);
        const refusal = came === "refused" ? reason.notAuthorized : 0;
        return then({ live, refusal, words: "", connack });
      },
      hold,
    );
  }
}
