/** One client: reads its requests, and finds who carries them out. */
import type {
  Plan as CorePlan,
  Failure,
  NextPlan,
  Reaction,
  SessionCodec,
  SessionContext,
} from "@echarde/core";
import { encodeUtf8, noReaction } from "@echarde/core";
import { type Access, accessOf } from "./access/access.ts";
import { guarded } from "./access/guard.ts";
import { guards } from "./access/guards.ts";
import { Call, type Plan } from "./call.ts";
import type { HeartbeatRequest } from "./generated/heartbeat-request.ts";
import type { OffsetCommitRequest } from "./generated/offset-commit-request.ts";
import { plans } from "./handlers.ts";
import { Memberships } from "./memberships.ts";
import { close } from "./plans/plans.ts";
import { firstRefresh, refreshOffsets } from "./plans/refresh-offsets.ts";
import { refusalOf } from "./refusal.ts";
import type { KafkaRuntime } from "./runtime.ts";
import { headLength, readHead, readRequest } from "./wire/frame.ts";
import { Malformed } from "./wire/reader.ts";

/** See the module. */
export class KafkaSession implements SessionCodec {
  end = 0;
  need = 0;
  label = "";
  readonly more: boolean = false;
  readonly #context: SessionContext;
  readonly #runtime: KafkaRuntime;
  readonly #memberships: Memberships;
  #last: object | null = null;

  constructor(context: SessionContext, runtime: KafkaRuntime) {
    this.#context = context;
    this.#runtime = runtime;
    this.#memberships = new Memberships(runtime.refreshTimes);
  }

  get wakeAt(): number {
    return this.#memberships.wakeAt;
  }

  request(bytes: Uint8Array, from: number): CorePlan | null {
    const there = bytes.length - from;
    this.need = headLength;
    this.label = "malformed";
    this.#last = null;
    if (there < 4) return null;
    const length = new DataView(bytes.buffer, bytes.byteOffset + from, 4).getInt32(0);
    if (length < headLength - 4) {
      this.end = bytes.length;
      return close("not a request of Kafka: its length is too small");
    }
    this.need = length + 4;
    if (there < headLength) return null;
    const { key, version, correlationId } = readHead(bytes, from);
    const plan = spoken(key, version);
    this.label = plan?.api.name ?? "unsupported";
    const refusal = plan === null ? refusalOf(key, version, correlationId) : null;
    if (plan === null && refusal === null) {
      this.end = bytes.length;
      return close(`no response has an error for API ${key} version ${version}`);
    }
    if (there < this.need) return null;
    this.end = from + this.need;
    const found = accessOf(this.#runtime, this.#context);
    const access = found === "stranger" ? null : found;
    // As with a broker, which takes no other request of a stranger.
    if (found === "stranger" && !beforeLogin.has(key)) {
      return close("the client has not signed in");
    }
    if (plan === null) return { type: "refuse", bytes: refusal ?? [], end: false };
    const frame = bytes.subarray(from, this.end);
    // Records are looked up with care (plans/produce.ts); all else is small, and outlives the call.
    const kept = key === produceKey ? frame : this.#runtime.keep(frame);
    return this.#plan(plan, { version, correlationId, access }, kept);
  }

  keys(): readonly Uint8Array[] {
    const topics = topicsOf(this.#last);
    return topics.map(encodeUtf8);
  }

  body(bytes: Uint8Array): number {
    return bytes.length;
  }

  push(): Reaction {
    return noReaction;
  }

  wake(): Reaction {
    const due = this.#memberships.due(this.#context.now);
    if (due.length === 0) return noReaction;
    const plans = due.map((membership) =>
      refreshOffsets(this.#runtime, this.#context, this.#memberships, membership),
    );
    return { emit: [], plans, end: false };
  }

  failure(_failure: Failure): Uint8Array {
    return new Uint8Array(0); // the client is closed: what it asked for is not known
  }

  pinned(): boolean {
    return false;
  }

  lost(): Reaction {
    return noReaction;
  }

  closed(): void {
    this.#last = null;
    this.#memberships.clear();
  }

  /** What the router must know of a group's members. */
  #follow(key: number, request: object): void {
    if (this.#context.id === 0) return; // only explained
    if (key === heartbeatKey) {
      const { groupId: group, memberId: member } = request as HeartbeatRequest;
      this.#memberships.beat({ group, member }, firstRefresh(this.#runtime, this.#context));
    } else if (key === offsetCommitKey) {
      const { groupId, topics } = request as OffsetCommitRequest;
      for (const { name, partitions } of topics)
        for (const { partitionIndex } of partitions)
          this.#memberships.commits(groupId, name, partitionIndex);
    }
  }

  #plan(
    plan: Plan<object, object>,
    { version, correlationId, access }: Known,
    frame: Uint8Array,
  ): NextPlan {
    const { api } = plan;
    const common = { runtime: this.#runtime, session: this.#context, api, correlationId, frame };
    try {
      // A client that knows more of ApiVersions than we do is answered in words that all know.
      if (version > api.max) {
        const request = {};
        return plan.plan(new Call({ ...common, version, clientId: null, request }));
      }
      const { clientId, body } = readRequest(api, version, frame);
      this.#last = body;
      const asked = new Call({ ...common, version, clientId, request: body });
      const call = access === null ? asked : guarded(asked, guards.get(api.key), access);
      if (!(call instanceof Call)) return call;
      this.#follow(api.key, call.request);
      return plan.plan(call);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.label = "malformed";
      return close(`${api.name} version ${version} cannot be read`);
    }
  }
}

/** What is known of a request besides its bytes. */
interface Known {
  readonly version: number;
  readonly correlationId: number;
  /** What its client may do, null = anything. */
  readonly access: Access | null;
}

/** How a request is carried out; null when it is not spoken here. */
function spoken(key: number, version: number): Plan<object, object> | null {
  const plan = plans.get(key);
  if (plan === undefined || version < 0) return null;
  return version <= plan.api.max || key === apiVersionsKey ? plan : null;
}

/** Names of topics in a request, wherever it has them. */
function topicsOf(request: object | null): string[] {
  const { topics, topicData, topicNames } = (request ?? {}) as Partial<Record<string, unknown>>;
  const list = topics ?? topicData ?? topicNames;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: string | { readonly name?: unknown; readonly topic?: unknown }) => {
    const name = typeof item === "string" ? item : (item.name ?? item.topic);
    return typeof name === "string" ? [name] : [];
  });
}

/** ApiVersions, SaslHandshake, SaslAuthenticate. */
const beforeLogin: ReadonlySet<number> = new Set([17, 18, 36]);
const produceKey = 0;
const apiVersionsKey = 18;
const heartbeatKey = 12;
const offsetCommitKey = 8;
