/** The codec at work for one router: what all its sessions share. */
import {
  ConfigError,
  type LinkCodec,
  type LinkContext,
  type RouterContext,
  type RunningCodec,
  type Security,
  type SessionCodec,
  type SessionContext,
} from "@echarde/core";
import { ClusterView } from "./cluster-view.ts";
import { Layout } from "./layout.ts";
import { KafkaLink } from "./link.ts";
import { RefreshTimes } from "./memberships.ts";
import { plainToken, saslSlots } from "./plans/sasl-slots.ts";
import { Producers } from "./producers.ts";
import { KafkaSession } from "./session.ts";

/** See the module. */
export class KafkaRuntime implements RunningCodec {
  /** Producer ids of all clients. */
  readonly producers: Producers = new Producers();
  /** When offsets of members are committed again. */
  readonly refreshTimes: RefreshTimes = new RefreshTimes();
  readonly #context: RouterContext;
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #views = new Map<string, ClusterView>();
  #layout: Layout;

  constructor(context: RouterContext, given: Readonly<Record<string, unknown>>) {
    this.#context = context;
    this.#given = given;
    this.#layout = new Layout(context.table, given);
  }

  session(context: SessionContext): SessionCodec {
    return new KafkaSession(context, this);
  }

  link({ cluster }: LinkContext): LinkCodec {
    const credentials = this.security.credentials(cluster);
    const greeting =
      credentials === null
        ? []
        : saslSlots(plainToken(credentials.user, credentials.password.reveal()));
    return new KafkaLink(longestResponse, greeting);
  }

  /** What the newest table says. One whose options are wrong is heeded but for these. */
  get layout(): Layout {
    const { table } = this.#context;
    if (table === this.#layout.table) return this.#layout;
    try {
      this.#layout = new Layout(table, this.#given);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#layout = new Layout(table, { ...this.#layout.options, ...this.#given });
    }
    const names = new Set(table.clusters.map(({ name }) => name));
    for (const name of this.#views.keys()) if (!names.has(name)) this.#views.delete(name);
    return this.#layout;
  }

  /** Credentials of the router and users that it checks. */
  get security(): Security {
    return this.#context.security;
  }

  /** Whether the host keeps values for all its routers. */
  get keepsValues(): boolean {
    return this.#context.keepsValues;
  }

  /** Largest request, bytes. */
  get maxRequest(): number {
    return this.#context.limits.maxRequest;
  }

  /** Milliseconds for a request that does not say how long it takes. */
  get requestTimeout(): number {
    return this.#context.limits.requestTimeout;
  }

  /** `bytes` as something that outlives the call. */
  keep(bytes: Uint8Array): Uint8Array {
    return this.#context.keep(bytes);
  }

  /** What is known of a cluster. */
  view(cluster: string): ClusterView {
    let view = this.#views.get(cluster);
    if (view === undefined) {
      view = new ClusterView();
      this.#views.set(cluster, view);
    }
    return view;
  }
}

/** Brokers answer with little more than `fetch.max.bytes` (50 MiB) by default, and with one batch at least. */
const longestResponse = 256 << 20;
