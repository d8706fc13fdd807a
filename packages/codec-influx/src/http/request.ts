/**
 * One request as the codec sees it, with its body where that is whole, and
 * packets that are made from it.
 */
import { decodeUtf8, encodeUtf8, join, type Part } from "@echarde/core";
import {
  firstValue,
  type HeaderLine,
  parseQuery,
  patchHead,
  type Query,
  type RequestHead,
  writeRequestHead,
} from "@echarde/http1";

/** See the module. */
export interface InfluxRequest {
  /** The head; its offsets count in `source`. */
  readonly head: RequestHead;
  /** What the head was read from. */
  readonly source: Uint8Array;
  /** The body without framing; empty where there is none. */
  readonly body: Uint8Array;
  /** Path as sent. */
  readonly path: string;
  /** Pairs of the URL. */
  readonly query: Query;
  /** The very bytes are fit to be forwarded on a shared link. */
  readonly plain: boolean;
  /** The client is to be closed behind the answer. */
  readonly close: boolean;
}

/** The first value of this name in the URL, "" when there is none. */
export function urlValue(request: InfluxRequest, name: string): string {
  const value = firstValue(request.query, encodeUtf8(name));
  return value === null ? "" : decodeUtf8(value);
}

/** Value of a header, "" when it is absent. `name` is in lower case. */
export function headerValue({ head, source }: InfluxRequest, name: string): string {
  const i = head.fields.find(source, encodeUtf8(name));
  return i < 0 ? "" : decodeUtf8(head.fields.value(source, i));
}

/** Reads pairs of the URL of a head. */
export function queryOf(source: Uint8Array, head: RequestHead): Query {
  return parseQuery(source, head.queryFrom, head.queryTo);
}

/** The request with another body, fit for a link that others share: no coding, no Expect, no Connection. New memory for the head. */
export function withBody(request: InfluxRequest, body: Uint8Array): Uint8Array[] {
  const { head, source } = request;
  const set: HeaderLine[] = [];
  if (head.method !== "GET" && head.method !== "HEAD") {
    set.push(["Content-Length", String(body.length)]);
  }
  if (head.minor === 0) set.push(["Host", "influxdb"]);
  const startLine = encodeLine(request);
  const drop = ["transfer-encoding", "content-encoding", "content-length", "expect"];
  const pieces = patchHead(source, head, {
    drop: drop.map(encodeUtf8),
    set,
    startLine,
    hopByHop: true,
  });
  return [join(pieces).slice(), body];
}

/** A query of the router's own, with the credentials of the client's request. */
export function queryPacket(
  form: ReadonlyMap<string, string>,
  authorization: Uint8Array | null,
): Uint8Array {
  const pairs = [...form].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const body = encodeUtf8(pairs.join("&"));
  const headers: HeaderLine[] = [
    ["Host", "influxdb"],
    ["Content-Type", "application/x-www-form-urlencoded"],
    ["Content-Length", String(body.length)],
  ];
  if (authorization !== null) headers.push(["Authorization", authorization]);
  return join([writeRequestHead("POST", "/query", headers), body]);
}

/** One packet of a split request that awaits one reply on a link that others share. */
export function part(cluster: number, bytes: readonly Uint8Array[], lane: Part["lane"]): Part {
  return { cluster, node: "", lane, bytes, frames: 1, expect: 0, id: -1 };
}

function encodeLine({ head, source }: InfluxRequest): Uint8Array {
  const target = source.subarray(head.targetFrom, head.targetTo);
  return join([encodeUtf8(`${head.method} `), target, encodeUtf8(" HTTP/1.1\r\n")]);
}
