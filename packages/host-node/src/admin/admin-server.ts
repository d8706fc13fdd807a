/**
 * The HTTP port for those who operate a server. It reads and changes nothing,
 * and asks for no password: it belongs on loopback.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "../address.ts";
import type { Inspected } from "./inspected.ts";
import { Metrics } from "./metrics.ts";
import { explainReport, readyReport, stateReport, tableReport } from "./reports.ts";

/** A running admin port. */
export interface AdminServer {
  /** Where it listens, with the port that the system gave. */
  readonly address: Address;
  /** Closes it with all its connections. */
  close(): void;
}

/** What an admin port is made of. */
export interface AdminOptions {
  /** Where to listen. */
  readonly listen: Address;
  /** What to show. */
  readonly server: Inspected;
  /** What makes it ready, asked each time. */
  readonly demand: () => "any" | "each";
}

/** Starts it. Rejects with the system's error. */
export async function startAdmin({ listen, server, demand }: AdminOptions): Promise<AdminServer> {
  const metrics = new Metrics(server);
  const pages: Readonly<Record<string, (query: URLSearchParams) => Page | Promise<Page>>> = {
    "/metrics": async () => ({ type: metrics.contentType, body: await metrics.text() }),
    "/healthz": () => text(200, "ok"),
    "/readyz": async () => {
      const report = await readyReport(server, demand());
      return json(report, report.ready ? 200 : 503);
    },
    "/table": async (query) => json(await tableReport(server, limitOf(query))),
    "/state": async (query) => json(await stateReport(server, limitOf(query))),
    "/explain": (query) => {
      const request = query.get("request");
      if (request === null) return text(400, "give a request, as in /explain?request=GET%20user1");
      const report = explainReport(server, request);
      return report.length > 0 ? json(report) : text(400, "that is no whole request");
    },
  };
  const answer = async (request: IncomingMessage): Promise<Page> => {
    if (request.method !== "GET" && request.method !== "HEAD") return text(405, "GET only");
    const url = new URL(request.url ?? "/", "http://admin");
    const page = Object.hasOwn(pages, url.pathname) ? pages[url.pathname] : undefined;
    if (page === undefined) return text(404, `there is: ${Object.keys(pages).join(" ")}`);
    return page(url.searchParams);
  };
  const http = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 60_000 },
    (request, response) => {
      void answer(request)
        .catch(() => text(400, "bad request"))
        .then((page) => send(response, page));
    },
  );
  http.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    const where =
      listen.type === "unix" ? { path: listen.path } : { host: listen.host, port: listen.port };
    http.listen(where, () => {
      http.off("error", reject);
      resolve();
    });
  });
  http.on("error", () => {}); // too many open files: that connection is lost, the port lives
  const address =
    listen.type === "unix" ? listen : { ...listen, port: (http.address() as AddressInfo).port };
  return {
    address,
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

interface Page {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

function text(status: number, words: string): Page {
  return { status, type: "text/plain; charset=utf-8", body: `${words}\n` };
}

function json(value: unknown, status = 200): Page {
  return { status, type: "application/json", body: `${JSON.stringify(value, null, 2)}\n` };
}

function send(response: ServerResponse, { status = 200, type, body }: Page): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}

/** How many entries of a list are shown. */
function limitOf(query: URLSearchParams): number {
  const given = Number(query.get("limit") ?? Number.NaN);
  return Number.isSafeInteger(given) && given >= 0 ? given : 1_000;
}
