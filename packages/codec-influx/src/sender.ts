/** What a request is sent with, and the words for what comes of it. */
import type {
  Failure,
  Fragment,
  Lane,
  NextPlan,
  Part,
  Plan,
  Reply,
  StreamFragment,
  StreamMerge,
} from "@echarde/core";
import type { AnsweredMethod } from "@echarde/http1";
import { errorResponse, local, readReply, response } from "./http/answer.ts";
import { type InfluxRequest, part, withBody } from "./http/request.ts";
import { expects } from "./link.ts";

/** Sends one request of a client. */
export class Sender {
  readonly #request: InfluxRequest;
  readonly #timeout: number;

  /** `timeout`: milliseconds for queries. */
  constructor(request: InfluxRequest, timeout: number) {
    this.#request = request;
    this.#timeout = timeout;
  }

  /** To one cluster: the very bytes where they are fit for a link. A query on the client's own link may take a query's time. */
  forward(
    cluster: number,
    lane: Lane,
    timeout: number = lane === "private" ? this.#timeout : -1,
  ): Plan {
    const request = this.#request;
    const answered: AnsweredMethod = request.head.method === "HEAD" ? "HEAD" : "other";
    const expect = answered === "HEAD" ? expects.head : expects.body;
    if (request.plain) {
      return {
        type: "forward",
        cluster,
        node: "",
        lane,
        frames: 1,
        expect,
        id: -1,
        hold: false,
        silent: false,
        timeout,
      };
    }
    const { close } = request;
    const gzip = request.body.length > 0 && isGzip(request);
    const bytes = withBody(request, request.body);
    const packet = gzip ? [insertHeader(bytes[0] as Uint8Array), ...bytes.slice(1)] : bytes;
    const one = { ...part(cluster, packet, lane), expect };
    return this.fragment([one], timeout, ([reply]) => reframed(reply, close, answered));
  }

  /** Several packets, and what becomes of their replies while these come. */
  stream(parts: readonly Part[], merge: StreamMerge): StreamFragment {
    return { type: "stream", parts, merge, hold: false, silent: false, timeout: this.#timeout };
  }

  /** Several packets and how their replies become one answer. */
  fragment(
    parts: readonly Part[],
    timeout: number,
    coalesce: (replies: readonly Reply[]) => NextPlan,
  ): Fragment {
    return {
      type: "fragment",
      parts,
      coalesce,
      journal: null,
      carries: null,
      hold: false,
      silent: false,
      timeout,
    };
  }
}

/** A failure in words that no client takes for a reason to throw its data away. */
export function failureText({ reason, cluster }: Failure): string {
  const where = cluster === "" ? "" : ` (cluster ${cluster})`;
  return `upstream ${reason}${where}`;
}

/** The answer to a client for a failed request. */
export function failureResponse(failure: Failure, close: boolean): Uint8Array {
  return errorResponse(failure.reason === "too-large" ? 413 : 503, failureText(failure), close);
}

/** A server's response for a client that speaks HTTP/1.0 or wants to be closed. */
function reframed(reply: Reply | undefined, close: boolean, answered: AnsweredMethod): NextPlan {
  const [frame] = reply?.frames ?? [];
  if (reply?.failure != null) return local([failureResponse(reply.failure, close)], close);
  if (frame === undefined) return local([errorResponse(503, "no answer", close)], close);
  if (!close) return local([frame], false);
  if (answered === "HEAD") return local([frame], true);
  const { status, body, version } = readReply(frame);
  const headers: [string, string][] = [["Content-Type", "application/json"]];
  if (version !== "") headers.push(["X-Influxdb-Version", version]);
  return local([response(status, body, headers, true)], true);
}

function isGzip({ head, source }: InfluxRequest): boolean {
  return head.fields.find(source, contentEncoding) >= 0;
}

/** The head with `Content-Encoding: gzip` at its end. */
function insertHeader(head: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + gzipLine.length);
  all.set(head.subarray(0, head.length - 2));
  all.set(gzipLine, head.length - 2);
  all.set([13, 10], all.length - 2);
  return all;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const contentEncoding = ascii("content-encoding");
const gzipLine = ascii("Content-Encoding: gzip\r\n");
