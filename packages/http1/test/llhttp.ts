/** The parser of Node itself (llhttp, strict), as an independent reading. */
import { createRequire } from "node:module";
import type { AnsweredMethod } from "../src/index.ts";
import type { Reading, ReadMessage } from "./reading.ts";

interface NodeParser {
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  execute(bytes: Uint8Array): number | Error;
  finish(): undefined | Error;
  [callback: number]: unknown;
}

const require = createRequire(import.meta.url);
const { HTTPParser, methods } = require("node:_http_common") as {
  HTTPParser: (new () => NodeParser) & Record<string, number>;
  methods: readonly string[];
};

/** Methods that llhttp knows; it refuses all others. */
export const knownMethods: ReadonlySet<string> = new Set(methods);

/** Reads a stream; the fault is llhttp's own code. */
export function readWithLlhttp(
  type: "REQUEST" | "RESPONSE",
  bytes: Uint8Array,
  answered: readonly AnsweredMethod[] = ["other"],
  closed = false,
): Reading {
  const parser = new HTTPParser();
  const reading: Reading = { messages: [], fault: "" };
  let flat: string[] = [];
  let url = "";
  let turn = 0;
  let current: ReadMessage | undefined;
  const on = (name: string, callback: (...args: never[]) => unknown): void => {
    parser[HTTPParser[name] as number] = callback;
  };
  on("kOnHeaders", (headers: string[], part: string) => {
    flat.push(...headers);
    url += part;
  });
  on(
    "kOnHeadersComplete",
    (
      _major: number,
      minor: number,
      headers: string[] | undefined,
      method: number | undefined,
      target: string | undefined,
      status: number,
      reason: string,
      _upgrade: boolean,
      keepAlive: boolean,
    ) => {
      if (headers !== undefined) flat.push(...headers);
      url += target ?? "";
      const pairs: [string, string][] = [];
      for (let i = 0; i < flat.length; i += 2) {
        pairs.push([flat[i] as string, (flat[i + 1] as string).replace(/[ \t]+$/, "")]);
      }
      const start =
        type === "REQUEST" ? `${methods[method as number]} ${url}` : `${status} ${reason}`;
      current = { start, minor, headers: pairs, body: "", whole: false, keepAlive };
      reading.messages.push(current);
      flat = [];
      url = "";
      const to = answered[Math.min(turn, answered.length - 1)];
      if (type === "RESPONSE" && (status >= 200 || status === 101)) turn += 1;
      return type === "RESPONSE" && to === "HEAD" ? 1 : 0;
    },
  );
  on("kOnBody", (body: Uint8Array) => {
    if (current !== undefined) current.body += Buffer.from(body).toString("latin1");
  });
  on("kOnMessageComplete", () => {
    if (current !== undefined) current.whole = true;
    flat = []; // trailers come the way of headers, with the URL once more
    url = "";
  });
  parser.initialize(HTTPParser[type] as number, {}, 1 << 20, 0);
  const result = parser.execute(Buffer.from(bytes));
  if (typeof result !== "number") reading.fault = (result as Error & { code: string }).code;
  else if (closed) {
    const end = parser.finish();
    if (end !== undefined) reading.fault = (end as Error & { code: string }).code;
  }
  return reading;
}

/** Reads a stream of requests with callbacks that only count; for benchmarks. Returns messages and bytes of bodies, summed. */
export function countWithLlhttp(bytes: Uint8Array): number {
  const parser = new HTTPParser();
  let count = 0;
  parser[HTTPParser["kOnHeaders"] as number] = (): void => {};
  parser[HTTPParser["kOnHeadersComplete"] as number] = (): number => 0;
  parser[HTTPParser["kOnBody"] as number] = (body: Uint8Array): void => {
    count += body.length;
  };
  parser[HTTPParser["kOnMessageComplete"] as number] = (): void => {
    count += 1;
  };
  parser.initialize(HTTPParser["REQUEST"] as number, {}, 1 << 20, 0);
  parser.execute(bytes);
  return count;
}
