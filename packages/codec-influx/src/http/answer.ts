/** Responses of the router's own, in the form of the server's. */
import { decodeUtf8, encodeUtf8, join, type Local, type Refuse } from "@echarde/core";
import {
  cleanValue,
  type HeaderLine,
  type ResponseHead,
  ResponseReader,
  writeResponseHead,
} from "@echarde/http1";

/** Text as a JSON string, escaped as the server does it: `<`, `>`, `&` and the two line separators too. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A whole response with a JSON (or other) body. */
export function response(
  status: number,
  body: Uint8Array,
  headers: readonly HeaderLine[],
  close: boolean,
): Uint8Array {
  const lines: HeaderLine[] = [...headers];
  if (status !== 204) lines.push(["Content-Length", String(body.length)]);
  if (close) lines.push(["Connection", "close"]);
  return join([writeResponseHead(status, lines), body]);
}

/** The server's form of an error that is no statement's. `text` may hold bytes of the client. */
export function errorResponse(status: number, text: string, close = false): Uint8Array {
  const body = encodeUtf8(`{"error":${jsonString(text)}}\n`);
  const headers: HeaderLine[] = [
    ["Content-Type", "application/json"],
    ["X-Influxdb-Error", cleanValue(encodeUtf8(text), 1024)],
  ];
  return response(status, body, headers, close);
}

/** An answer of the router's own. */
export function local(bytes: readonly Uint8Array[], end: boolean): Local {
  return { type: "local", bytes, end, release: false };
}

/** An error as a plan. */
export function refusal(status: number, text: string, end: boolean): Refuse {
  return { type: "refuse", bytes: [errorResponse(status, text, end)], end };
}

/** A whole response of a server, taken apart. */
export interface ServerReply {
  /** Its status. */
  readonly status: number;
  /** Its body without framing. */
  readonly body: Uint8Array;
  /** Its version as it names it, "" when it does not. */
  readonly version: string;
}

/** Takes a whole response apart; `frame` is one that the link has framed. */
export function readReply(frame: Uint8Array): ServerReply {
  const reader = new ResponseReader();
  const body: Uint8Array[] = [];
  let status = 502;
  let version = "";
  for (let at = 0; ; ) {
    const next = reader.read(frame, at, "other");
    if (reader.event === "head") {
      status = reader.head.status;
      version = versionOf(frame, reader.head);
    } else if (reader.event === "body") {
      body.push(frame.subarray(reader.body.dataFrom, reader.body.dataTo));
    } else break;
    at = next;
    if (reader.complete && !reader.head.interim) break;
  }
  return { status, body: join(body), version };
}

/** The server's version as a response's head in `bytes` names it, "" when it does not. */
export function versionOf(bytes: Uint8Array, { fields }: ResponseHead): string {
  const i = fields.find(bytes, versionName);
  return i < 0 ? "" : decodeUtf8(fields.value(bytes, i));
}

/** The error that a server's body tells of, "" when it tells of none. */
export function errorOf(body: Uint8Array): string {
  const text = decodeUtf8(body);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return "";
    const { error, message } = value as Record<string, unknown>;
    return typeof error === "string" ? error : typeof message === "string" ? message : "";
  } catch {
    return text.trim();
  }
}

const versionName = encodeUtf8("x-influxdb-version");
