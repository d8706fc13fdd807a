/**
 * Opens a client's links to brokers: CONNECT to each that is needed, and then
 * one outcome. A session that some brokers have kept and others have not:
 *
 * ```
 *   all kept · none kept ──▶ as they say
 *   mixed, followed by this router ──▶ the others are subscribed again ──▶ kept
 *   mixed, not followed ──▶ those that kept it are left and opened anew, clean ──▶ not kept
 *   not followed, and a broker has lost its part since ──▶ opened anew, clean ──▶ not kept
 *   kept, though the session never was at that broker ──▶ that one is opened anew, clean
 *   one refuses · the session cannot be kept ──▶ the others hear DISCONNECT (no will) ──▶ refused
 *   one is not there ──▶ refused; with `isolate`, if another one is there: away
 * ```
 * With `lazy` the session is claimed when one broker has accepted the client, and then
 * those are asked that have a part of it:
 *
 * ```
 *   localCluster ──not there──▶ the next ──not there──▶ … ──▶ none is there: refused
 *        └──accepts──▶ the session is claimed       └──refuses──▶ refused: it says what is wrong with the client
 *   the will's owner is asked as well; not there ──▶ refused: the will would be lost
 *   has a part of the session · may have one of a session that another has kept, not there ──▶ refused
 *   any other, not there ──▶ nobody's business until it is needed
 * ```
 */
import { type Fragment, fragment, type NextPlan } from "@echarde/core";
import type { Connack } from "../wire/packets.ts";
import { reason } from "../wire/reasons.ts";
import { CatchingUp } from "./catching-up.ts";
import type { Answer, Connecting } from "./connecting.ts";
import type { Words } from "./own-packets.ts";
import type { Policy } from "./policy.ts";
import type { SessionState } from "./session-state.ts";

/** All brokers have accepted the client; `go` goes on or, false, refuses it. */
export type Accepted = (go: (on: boolean) => NextPlan) => NextPlan;

/** What came of it. */
export interface Opened {
  /** In the order of the names; empty when refused. */
  readonly connacks: readonly Connack[];
  /** Names of brokers that are not there. */
  readonly away: readonly string[];
  /** Whether the session goes on. */
  readonly sessionPresent: boolean;
  /** Reason code of the refusal, 0 = none. */
  readonly refusal: number;
  /** For a person, of a refusal: those of the broker, or the router's own. */
  readonly words: Words;
}

/** See the module. */
export class Opening {
  readonly #connecting: Connecting;
  readonly #state: SessionState;
  readonly #policy: Policy;
  /** All that the session may have a part at. */
  readonly #names: readonly string[];
  readonly #done: (opened: Opened) => NextPlan;
  readonly #connacks: Map<string, Connack> = new Map<string, Connack>();
  /** Names of brokers that were asked and are not there. */
  readonly #absent: Set<string> = new Set<string>();

  constructor(
    connecting: Connecting,
    who: { readonly state: SessionState; readonly policy: Policy },
    names: readonly string[],
    done: (opened: Opened) => NextPlan,
  ) {
    this.#connecting = connecting;
    this.#state = who.state;
    this.#policy = who.policy;
    this.#names = names;
    this.#done = done;
  }

  /** Sends CONNECT; when brokers have accepted, and none has refused, `accepted` says whether and when it goes on. */
  start(accepted: Accepted): Fragment {
    const go = (on: boolean): NextPlan =>
      on ? this.#rest() : this.#refuse(reason.serverUnavailable, "its session cannot be kept");
    const then = (): NextPlan => accepted(go);
    if (!this.#policy.lazy) return this.#inTurn(this.#names, [], then);
    const { table, client } = this.#connecting;
    const { willBroker } = client;
    const local = table.clusters[table.localCluster]?.name;
    const first = this.#names.find((name) => name === local) ?? (this.#names[0] as string);
    const asked = this.#names.filter((name) => name === first || name === willBroker);
    const others = this.#names.filter((name) => !asked.includes(name));
    return this.#inTurn(asked, others, then);
  }

  /** Asks one after the other until one accepts. */
  #inTurn(names: readonly string[], others: readonly string[], then: () => NextPlan): Fragment {
    return this.#connect(names, this.#cleanStart, () => {
      if (this.#connacks.size > 0) return then();
      const [next, ...more] = others;
      if (next === undefined) return this.#refuse(reason.serverUnavailable);
      return this.#inTurn([next], more, then);
    });
  }

  get #cleanStart(): boolean {
    return this.#connecting.client.connect.cleanStart;
  }

  /** Those that have a part of the session, or of one that is to end, and have not been asked. */
  #rest(): NextPlan {
    const { followed, parts, former } = this.#state;
    const all = !this.#cleanStart && !followed;
    const wanted = this.#cleanStart ? former : parts;
    const rest = this.#names.filter((name) => {
      return (all || wanted.has(name)) && !this.#connacks.has(name) && !this.#absent.has(name);
    });
    if (rest.length === 0) return this.#agree();
    return this.#connect(rest, this.#cleanStart, () => this.#agree());
  }

  #connect(names: readonly string[], cleanStart: boolean, then: () => NextPlan): Fragment {
    return this.#connecting.connect(names, cleanStart, (answers) =>
      this.#hear(names, answers, then),
    );
  }

  #hear(names: readonly string[], answers: readonly Answer[], then: () => NextPlan): NextPlan {
    let refusal = 0;
    let words: Words | undefined;
    answers.forEach((answer, i) => {
      const name = names[i] as string;
      if (answer.type === "connack") this.#connacks.set(name, answer);
      else if (answer.away && this.#mayLack(name)) this.#absent.add(name);
      // What is wrong with the client says more than who is not there.
      else if (refusal === 0 || refusal === reason.serverUnavailable) {
        refusal = answer.reason;
        words = answer.away ? undefined : answer.words;
      }
    });
    return refusal === 0 ? then() : this.#refuse(refusal, words);
  }

  /** Whether the opening goes on without a broker, as far as can be said before the session is claimed. */
  #mayLack(name: string): boolean {
    const { lazy, isolate } = this.#policy;
    return isolate || (lazy && name !== this.#connecting.client.willBroker);
  }

  /** Whether a broker may have a part of the session that goes on. */
  #mayHavePart(name: string): boolean {
    const { followed, parts } = this.#state;
    return !this.#cleanStart && (!followed || parts.has(name));
  }

  #agree(): NextPlan {
    const { followed, parts } = this.#state;
    const there = [...this.#connacks.keys()];
    const kept = there.filter((name) => this.#connacks.get(name)?.sessionPresent === true);
    const foreign = followed ? kept.filter((name) => parts.size > 0 && !parts.has(name)) : [];
    if (foreign.length > 0) return this.#beginAnew(foreign, () => this.#agree());
    const others = there.filter((name) => !kept.includes(name));
    const lacking = followed || kept.length > 0;
    if (
      !this.#policy.isolate &&
      lacking &&
      [...this.#absent].some((name) => this.#mayHavePart(name))
    ) {
      return this.#refuse(reason.serverUnavailable);
    }
    if (kept.length === 0) return this.#finish(false);
    if (this.#state.broken) return this.#beginAnew(kept, () => this.#finish(false));
    if (!followed && others.length > 0) return this.#beginAnew(kept, () => this.#finish(false));
    for (const name of others) this.#state.deliveries.abandon(name);
    const { client, brokers, table } = this.#connecting;
    const catching = new CatchingUp(brokers, this.#state, client.version);
    return catching.start(table, { forgot: others, kept }, (came) => {
      if (came === "well") return this.#finish(true);
      return this.#refuse(came === "lost" ? reason.serverUnavailable : reason.notAuthorized);
    });
  }

  /** Leaves brokers, and opens them without what they had kept. */
  #beginAnew(names: readonly string[], then: () => NextPlan): NextPlan {
    return this.#connecting.anew(names, (answers) => this.#hear(names, answers, then));
  }

  #finish(sessionPresent: boolean): NextPlan {
    const { brokers } = this.#connecting;
    for (const name of [...this.#connacks.keys()]) {
      if (brokers.state(name) === "live") continue;
      if (!this.#policy.isolate) return this.#refuse(reason.serverUnavailable);
      this.#connacks.delete(name); // it was there a moment ago
      this.#absent.add(name);
    }
    if (this.#connacks.size === 0) return this.#refuse(reason.serverUnavailable);
    const there = this.#names.filter((name) => this.#connacks.has(name));
    const connacks = there.flatMap((name) => this.#connacks.get(name) ?? []);
    const away = [...this.#absent].filter((name) => this.#isAwaited(name));
    // One that is away may have a part of what was not followed.
    const parts = this.#state.followed ? there : [...there, ...away];
    if (sessionPresent) for (const name of parts) this.#state.joins(name);
    else this.#state.begin(there);
    return this.#done({ connacks, away, sessionPresent, refusal: 0, words: "" });
  }

  /** Whether the link to a broker that is not there is opened as soon as it is, though no packet needs it. */
  #isAwaited(name: string): boolean {
    const { lazy, isolate } = this.#policy;
    if (!lazy || !isolate) return isolate;
    const { willBroker } = this.#connecting.client;
    return name === willBroker || this.#mayHavePart(name) || this.#state.former.has(name);
  }

  #refuse(refusal: number, words: Words = wordsOf(refusal)): NextPlan {
    const { brokers, table, bye } = this.#connecting;
    const refused = { connacks: [], away: [], sessionPresent: false, refusal, words };
    const answer = (): NextPlan => this.#done(refused);
    const parts = [...this.#connacks.keys()].flatMap((name) => {
      if (brokers.state(name) !== "live") return [];
      brokers.set(name, "closed");
      return brokers.tell(table, name, bye);
    });
    return parts.length === 0 ? answer() : fragment(parts, answer, { hold: true });
  }
}

/** A broker's refusal speaks for itself. */
function wordsOf(refusal: number): string {
  return refusal === reason.serverUnavailable ? "a cluster is not there" : "";
}
