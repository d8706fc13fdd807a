/**
 * One client. A request is planned when its body is whole, since only then it
 * is known which clusters its lines or its query concern; with one cluster in
 * the table nothing needs to be known, and bodies stream through.
 */
import type {
  Failure,
  Forward,
  Plan,
  Reaction,
  RouterContext,
  SessionCodec,
  SessionContext,
} from "@echarde/core";
import { encodeUtf8, join, noReaction } from "@echarde/core";
import { BodyReader, continueResponse, defaultRequestLimits, RequestHead } from "@echarde/http1";
import { planFlux } from "./flux.ts";
import { local, refusal } from "./http/answer.ts";
import { type InfluxRequest, queryOf } from "./http/request.ts";
import { expects } from "./link.ts";
import type { InfluxOptions } from "./options.ts";
import { planQuery } from "./query.ts";
import { failureResponse, Sender } from "./sender.ts";
import { planEverywhere, planWrite } from "./write.ts";

/** See the module. */
export class InfluxSession implements SessionCodec {
  end = 0;
  more = false;
  need = 0;
  label = "";
  readonly wakeAt: number = Number.POSITIVE_INFINITY;
  readonly #router: RouterContext;
  readonly #context: SessionContext;
  readonly #options: InfluxOptions;
  readonly #head: RequestHead;
  readonly #body: BodyReader;
  /** A head whose body the client was told to send. */
  #waiting: Uint8Array | null = null;
  /** How far the body of the current request was looked at, behind its head, and where its data is. */
  #scanned = -1;
  #spans: number[] = [];
  /** Keys of the last request, a write; only of a session that explains. */
  #keys: Uint8Array[] = [];

  constructor(router: RouterContext, context: SessionContext, options: InfluxOptions) {
    this.#router = router;
    this.#context = context;
    this.#options = options;
    const limits = { ...defaultRequestLimits, body: options.maxBody };
    this.#head = new RequestHead(limits);
    this.#body = new BodyReader(limits);
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    this.need = 0;
    this.more = false;
    this.end = bytes.length;
    if (this.#keys.length > 0) this.#keys = [];
    const waiting = this.#waiting;
    const source = waiting ?? bytes;
    const head = this.#head;
    const at = head.read(source, waiting === null ? from : 0);
    if (head.fault !== null) {
      this.label = "bad request";
      return refusal(head.fault.status, head.fault.text, true);
    }
    if (at < 0) return null;
    const known = knownPath(source, head.pathFrom, head.pathTo);
    const path = known?.path ?? head.path(source);
    this.label = known?.label ?? "other";
    const bodyFrom = waiting === null ? at : from;
    if (head.expectation === "other") {
      return refusal(417, "an expectation that is not known", true);
    }
    const proxied = head.minor === 1 && head.keepAlive && head.expectation === "none";
    if (this.#router.table.clusters.length === 1 && proxied && waiting === null) {
      return this.#stream(bytes, at);
    }
    const body = head.hasBody ? this.#whole(bytes, bodyFrom, from) : new Uint8Array(0);
    if (this.#body.fault !== null) {
      return refusal(this.#body.fault.status, this.#body.fault.text, true);
    }
    if (body === null) {
      if (waiting !== null || head.expectation !== "continue" || bytes.length > at) return null;
      this.#waiting = bytes.slice(head.start, at);
      this.#scanned = -1;
      this.end = at;
      return local([continueResponse], false);
    }
    this.#waiting = null;
    this.#scanned = -1;
    if (!head.hasBody) this.end = bodyFrom;
    const request: InfluxRequest = {
      head,
      source,
      body,
      path,
      query: queryOf(source, head),
      // Who only asks for a plan sends the request himself, if at all: it is on no link that others share.
      plain: (proxied && waiting === null) || this.#context.id === 0,
      close: !head.keepAlive,
    };
    return this.#plan(request);
  }

  keys(): readonly Uint8Array[] {
    return this.#keys;
  }

  body(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && !this.#body.done) {
      if (this.#body.fault !== null) return bytes.length; // the server says what is wrong, and closes
      at = this.#body.read(bytes, at);
    }
    this.more = !this.#body.done;
    return at;
  }

  push(): Reaction {
    return noReaction;
  }

  wake(): Reaction {
    return noReaction;
  }

  failure(failure: Failure, _plan: Forward | null): Uint8Array {
    return failureResponse(failure, false);
  }

  pinned(): boolean {
    return false;
  }

  lost(): Reaction {
    return noReaction;
  }

  closed(): void {}

  /** One cluster owns everything: the body goes through as it comes. */
  #stream(bytes: Uint8Array, at: number): Plan {
    const head = this.#head;
    this.end = at;
    this.#body.begin(head.chunked ? "chunked" : "length", Math.max(0, head.length));
    this.more = head.hasBody;
    if (this.more) this.end = this.body(bytes, at);
    return {
      type: "forward",
      cluster: 0,
      node: "",
      lane: head.hasBody || this.label === "query" ? "private" : "shared",
      frames: 1,
      expect: head.method === "HEAD" ? expects.head : expects.body,
      id: -1,
      hold: false,
      silent: false,
      timeout: this.label === "query" ? this.#options.queryTimeout : -1,
    };
  }

  /** The body's data, null when it is not whole yet; sets `end` and `need`. A view where it is in one piece. */
  #whole(bytes: Uint8Array, bodyFrom: number, from: number): Uint8Array | null {
    const head = this.#head;
    const body = this.#body;
    if (this.#scanned < 0) {
      body.begin(head.chunked ? "chunked" : "length", Math.max(0, head.length));
      this.#scanned = 0;
      this.#spans = [];
    }
    let at = bodyFrom + this.#scanned;
    while (at < bytes.length && !body.done && body.fault === null) {
      at = body.read(bytes, at);
      if (body.dataTo > body.dataFrom) {
        this.#spans.push(body.dataFrom - bodyFrom, body.dataTo - bodyFrom);
      }
    }
    this.#scanned = at - bodyFrom;
    if (body.fault !== null) return null;
    if (!body.done) {
      this.need = head.chunked ? at - from + 1 : bodyFrom + head.length - from;
      return null;
    }
    this.end = at;
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < this.#spans.length; i += 2) {
      const [a = 0, b = 0] = this.#spans.slice(i, i + 2);
      pieces.push(bytes.subarray(bodyFrom + a, bodyFrom + b));
    }
    if (!head.chunked) return bytes.subarray(bodyFrom, at);
    return join(pieces);
  }

  #plan(request: InfluxRequest): Plan {
    const { path, head } = request;
    const sender = new Sender(request, this.#options.queryTimeout);
    const { table } = this.#router;
    const method = head.method;
    if ((path === "/write" || path === "/api/v2/write") && method === "POST") {
      const keys = this.#context.id === 0 ? this.#keys : null;
      const now = Math.floor(this.#context.now);
      return planWrite(request, this.#router, this.#options, now, sender, keys);
    }
    if (path === "/query" && (method === "POST" || method === "GET")) {
      return planQuery(request, this.#router, this.#options, Math.floor(this.#context.now), sender);
    }
    if (path === "/api/v2/query" && method === "POST") {
      return planFlux(request, this.#router, this.#options, sender);
    }
    if (path === "/api/v2/delete" && method === "POST") {
      return planEverywhere(request, this.#router, sender);
    }
    if (/^\/(?:api|debug|metrics)(?:\/|$)/.test(path) && path !== "/api/v2/write") {
      return refusal(
        501,
        `${path} concerns one server alone, and several stand here`,
        request.close,
      );
    }
    return sender.forward(table.localCluster, "shared");
  }
}

/** A path that clients ask for again and again. */
interface KnownPath {
  readonly path: string;
  /** Name for metrics. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

const knownPaths: readonly KnownPath[] = (
  [
    ["/write", "write"],
    ["/query", "query"],
    ["/api/v2/write", "write"],
    ["/api/v2/query", "query"],
    ["/ping", "ping"],
    ["/health", "health"],
  ] as const
).map(([path, label]) => ({ path, label, bytes: encodeUtf8(path) }));

/** The path at `source[from, to)`, null when it is none of these. No text is made for it, which would cost more than the comparison. */
function knownPath(source: Uint8Array, from: number, to: number): KnownPath | null {
  for (const known of knownPaths) {
    const { bytes } = known;
    let i = to - from === bytes.length ? 0 : -1;
    while (i >= 0 && i < bytes.length && source[from + i] === bytes[i]) i++;
    if (i === bytes.length) return known;
  }
  return null;
}
