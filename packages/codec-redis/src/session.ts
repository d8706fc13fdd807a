/**
 * One Redis client: reads its requests and says what becomes of each. The
 * rules of the families are in `plans/`; this file is the way to them:
 *
 * ```
 *   bytes ─▶ reader ─▶ Request ─▶ decide() ─▶ plan ─▶ CLIENT REPLY applied
 * ```
 */
import type {
  Failure,
  NextPlan,
  Part,
  Plan,
  Reaction,
  Rights,
  SessionCodec,
  SessionContext,
} from "@echarde/core";
import { equalBytes, join, noReaction } from "@echarde/core";
import { anyRights, isUnlimited, userSlot } from "./access.ts";
import { failureReply, failureText, refuse } from "./failures.ts";
import { acknowledgements, kindOf } from "./link.ts";
import { question } from "./plans/admission.ts";
import { decide, decideHead } from "./plans/decide.ts";
import { HeldMessages } from "./plans/held-messages.ts";
import { pushing, Subscriptions } from "./plans/pub-sub.ts";
import { answerOf, fragment, part } from "./plans/sending.ts";
import { Transaction } from "./plans/transaction.ts";
import { Request } from "./request.ts";
import type { RedisRuntime } from "./runtime.ts";
import { latin1 } from "./wire/ascii.ts";
import { error, type Protocol } from "./wire/reply-writer.ts";
import {
  DOUBT,
  defaultRequestLimits,
  EMPTY,
  ERROR,
  HEAD,
  NEED,
  RequestReader,
} from "./wire/request-reader.ts";
import { encodeArguments } from "./wire/request-writer.ts";

/** See the module. */
export class RedisSession implements SessionCodec {
  readonly context: SessionContext;
  readonly runtime: RedisRuntime;
  readonly subscriptions: Subscriptions = new Subscriptions();
  readonly messages: HeldMessages = new HeldMessages();
  readonly transaction: Transaction = new Transaction();
  /** RESP version. */
  protocol: Protocol = 2;
  /** Selected database. */
  database = 0;
  /** Name given by CLIENT SETNAME. */
  name: Uint8Array = new Uint8Array(0);
  /** User for CLIENT INFO. */
  user = "default";
  /** Which of the router's users it is, null = none (yet). */
  account: string | null = null;
  /** What that user may do; null = anything. */
  rights: Rights | null = null;
  /** It must say who it is before anything else. */
  stranger = false;
  /** The clusters, which answer AUTH, let it speak as it is. */
  admitted = false;
  /** The cluster that a request of it went to first since it came, or since RESET; "" = none yet. */
  heardBy = "";
  /** CLIENT REPLY; "skip-next" was just said, "skip" holds for the request at hand. */
  replies: "on" | "off" | "skip-next" | "skip" = "on";
  label = "";
  end = 0;
  more = false;
  need = 0;
  readonly wakeAt: number = Number.POSITIVE_INFINITY;
  readonly #request = new Request();
  readonly #reader: RequestReader;
  readonly #again: RequestReader;
  #bodyFailed = false;
  #doubt: "none" | "new" | "asked" = "none";

  constructor(context: SessionContext, runtime: RedisRuntime) {
    this.context = context;
    this.runtime = runtime;
    const { maxBulk, cutThrough } = runtime.options;
    this.#reader = new RequestReader({ ...defaultRequestLimits, maxBulk, cutThrough });
    this.#again = new RequestReader({
      ...defaultRequestLimits,
      maxBulk,
      cutThrough: Number.POSITIVE_INFINITY,
    });
    if (context.id !== 0) {
      runtime.sessions.add(this);
      context.journal = runtime.freshJournal;
    }
    this.#enter();
  }

  // ---- reading ------------------------------------------------------------

  request(bytes: Uint8Array, from: number): Plan | null {
    const reader = this.#reader;
    const status = reader.read(bytes, from);
    this.more = false;
    if (status === DOUBT && this.#doubt === "none") {
      this.#doubt = "new";
      this.context.wake();
    }
    if (status === NEED || status === DOUBT) {
      this.need = reader.need;
      return null;
    }
    this.#setLimits();
    if (status === HEAD) return this.#head(bytes, from);
    if (status === ERROR) return this.#protocolError(bytes);
    this.end = reader.end;
    if (status === EMPTY) return { type: "skip" };
    this.runtime.refresh();
    this.#take(bytes, from);
    if (this.replies === "skip-next") this.replies = "skip";
    const plan = decide(this, this.#request);
    return this.replies === "on" ? plan : this.#silenced(plan);
  }

  body(bytes: Uint8Array, from: number): number {
    const end = this.#reader.body(bytes, from);
    this.more = this.#reader.more;
    this.#bodyFailed = this.#reader.error !== "";
    return end;
  }

  keys(_bytes: Uint8Array): readonly Uint8Array[] {
    return this.runtime.keysOf(this.#request);
  }

  // ---- links --------------------------------------------------------------

  push(frame: Uint8Array, _cluster: string): Reaction {
    const kind = kindOf(frame, 0);
    if (kind !== null && acknowledgements.has(kind)) return noReaction;
    // The link of a client that went back to RESP2 hears of that with its next request only.
    const same = frame[0] !== pushType || this.protocol === 3;
    const bytes = same ? [frame] : [arrayType, frame.subarray(1)];
    if (this.messages.waiting) {
      return this.messages.hold(join(bytes)) ? noReaction : { ...noReaction, end: true };
    }
    return { emit: [{ to: null, bytes }], plans: [], end: false };
  }

  failure(failure: Failure): Uint8Array {
    if (this.transaction.uses(failure.cluster)) this.transaction.breakOff(failureText(failure));
    return failureReply(failure);
  }

  pinned(cluster: string): boolean {
    return (
      this.transaction.uses(cluster) ||
      (this.subscriptions.size > 0 && this.subscriptions.on(cluster))
    );
  }

  /** Messages may have been missed: the client must notice, as it would with one server. */
  lost(cluster: string): Reaction {
    if (this.transaction.uses(cluster)) this.transaction.lost();
    return this.subscriptions.on(cluster) ? { ...noReaction, end: true } : noReaction;
  }

  /** Credentials or users have changed. */
  wake(): Reaction {
    if (this.#doubt === "new") return { ...noReaction, plans: [this.#judge()] };
    return this.#reviewed() ? noReaction : { ...noReaction, end: true };
  }

  closed(): void {
    this.subscriptions.clear();
    this.runtime.sessions.delete(this);
  }

  // ---- for the plans ------------------------------------------------------

  /** The request's own bytes to one cluster. */
  forward(request: Request, cluster: number): Plan {
    return request.untouched
      ? this.runtime.forwards.shared(cluster)
      : this.#pass(part(cluster, "shared", [request.whole()]));
  }

  /** As `forward`, on the session's own link. */
  forwardOwn(request: Request, cluster: number): Plan {
    if (cluster < 0) return this.noOwner();
    return request.untouched
      ? this.runtime.forwards.own(cluster)
      : this.#pass(part(cluster, "private", [request.whole()]));
  }

  /** A packet of the codec's own on the session's own link. */
  sendOwn(packet: Uint8Array, cluster: number): Plan {
    return cluster < 0 ? this.noOwner() : this.#pass(part(cluster, "private", [packet]));
  }

  /** A key that no rule and no default cluster owns. */
  noOwner(): Plan {
    this.transaction.fail();
    return refuse("CLUSTERDOWN Hash slot not served");
  }

  /** RESP2 allows a subscriber only a handful of commands. */
  get restricted(): boolean {
    return this.protocol === 2 && this.subscriptions.size > 0;
  }

  /** Whether requests must be held against what the client may do. */
  get limited(): boolean {
    return this.stranger || this.rights !== null;
  }

  /** Whether a cluster may still ask for a password. */
  get doubtful(): boolean {
    return !this.admitted && this.runtime.security.passes;
  }

  /** The client is this user from here on; false when there is none of the name. */
  signIn(user: string): boolean {
    const { users } = this.runtime.security;
    const rights = users === null ? anyRights : users.rights(user);
    if (rights === null) return false;
    this.user = user;
    if (users === null) return true;
    this.account = user;
    this.rights = isUnlimited(rights) ? null : rights;
    this.stranger = false;
    this.#setLimits();
    const { context } = this;
    const slot = userSlot(user);
    const before = context.journal.get(slot.name);
    if (before === undefined || !equalBytes(before.packet, slot.packet)) {
      context.journal = context.journal.with(slot);
    }
    return true;
  }

  /** As after RESET. */
  forget(): void {
    this.transaction.end();
    this.subscriptions.clear();
    this.context.journal = this.runtime.freshJournal;
    this.protocol = 2;
    this.database = 0;
    this.name = new Uint8Array(0);
    this.user = "default";
    this.replies = "on";
    this.#enter();
  }

  // ---- private ------------------------------------------------------------

  /** A request that is not the client's own bytes; a failure means the same to a transaction. */
  #pass(one: Part): Plan {
    return fragment([one], ([reply]) =>
      reply?.failure != null
        ? { type: "refuse", bytes: [this.failure(reply.failure)], end: false }
        : answerOf(reply),
    );
  }

  /** Who the client is before it says so. */
  #enter(): void {
    const { users } = this.runtime.security;
    this.account = null;
    this.rights = null;
    this.admitted = this.context.id === 0; // requests are explained, not made
    this.heardBy = "";
    if (this.context.id === 0) return;
    this.stranger = users !== null && (users.anonymous === null || !this.signIn(users.anonymous));
    this.#setLimits();
  }

  /** Whose limits hold for the size of the next request. */
  #setLimits(): void {
    this.#reader.unauthenticated = this.stranger;
    this.#reader.doubtful = this.doubtful;
  }

  /** A request is at hand that only a client with a password may send, where there is one. */
  #judge(): NextPlan {
    this.#doubt = "asked";
    const judged = (refusal: string): NextPlan => {
      this.#doubt = "none";
      this.#reader.unauthenticated = refusal !== "";
      this.#reader.doubtful = false;
      return { type: "skip" };
    };
    return question(this, judged);
  }

  /** Takes over what the host says now; false when the session may not go on. */
  #reviewed(): boolean {
    const { users, passes } = this.runtime.security;
    if (!passes && this.context.journal.get("auth") !== undefined) return false;
    const { account, rights } = this;
    if (users === null) {
      this.stranger = false;
      this.rights = null;
      this.#setLimits();
      return true;
    }
    if (account === null) this.#enter();
    else if (!this.signIn(account)) return false;
    const same = this.rights === rights && !this.stranger;
    return same || this.subscriptions.size === 0; // it hears what it may no longer ask for
  }

  /** Puts the request that the reader has read at hand, in plain RESP. */
  #take(bytes: Uint8Array, from: number): void {
    const reader = this.#reader;
    if (reader.exact && !reader.inline) {
      this.#request.set(bytes, from, reader, true);
      return;
    }
    const plain = encodeArguments(
      reader.source(bytes),
      reader.argStart,
      reader.argEnd,
      reader.argc,
    );
    this.#again.read(plain, 0);
    this.#request.set(plain, 0, this.#again, false);
  }

  /** A large request whose keys may be known already. */
  #head(bytes: Uint8Array, from: number): Plan | null {
    const reader = this.#reader;
    this.runtime.refresh();
    this.#request.set(bytes, from, reader, true);
    const plan =
      reader.exact && this.replies === "on"
        ? decideHead(this, this.#request, reader.argsRead)
        : null;
    if (plan === null) {
      this.need = reader.need;
      return null;
    }
    reader.beginBody(bytes);
    this.end = reader.end;
    this.more = true;
    return plan;
  }

  #protocolError(bytes: Uint8Array): Plan {
    this.end = bytes.length;
    this.label = "PROTOCOL ERROR";
    const { error: text } = this.#reader;
    const words = text === "" || this.#bodyFailed ? [] : [error(`ERR ${text}`)];
    return { type: "refuse", bytes: words, end: true };
  }

  #silenced(plan: Plan): Plan {
    const skip = this.replies === "skip";
    if (skip) this.replies = "on";
    else if (this.replies === "skip-next") return plan;
    const pushes = pushing.has(this.#request.command?.name ?? "");
    if (pushes && (plan.type === "fragment" || plan.type === "local")) return plan;
    switch (plan.type) {
      case "forward":
      case "fragment":
      case "stream":
        return { ...plan, silent: true };
      case "local":
        return { ...plan, bytes: [] };
      case "refuse":
        return { ...plan, bytes: [] };
      case "ask":
        return { ...plan, answered: (value) => quiet(plan.answered(value)) };
      default:
        return plan;
    }
  }
}

/** What follows a question, without its answer. */
function quiet(next: NextPlan): NextPlan {
  switch (next.type) {
    case "local":
    case "refuse":
      return { ...next, bytes: [] };
    case "fragment":
      return { ...next, coalesce: (replies) => quiet(next.coalesce(replies)) };
    default:
      return next;
  }
}

const pushType = 62;
const arrayType = latin1("*");
