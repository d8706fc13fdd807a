import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** An influxd of our own, empty. */
export interface InfluxServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends it; its data go. */
  end(): Promise<void>;
}

/** What to tell somebody who has no influxd. */
export const howToGetInflux: string = [
  "No influxd was found; three of them are to stand behind the router.",
  "Get InfluxDB 1.x with: apt-get install influxdb influxdb-client",
  "No service needs to run: this program starts its own servers, on free ports.",
].join("\n");

/** Starts a server on a free port and waits until it answers. Rejects with the end of its log when it does not. */
export async function startInflux(program: string): Promise<InfluxServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "echarde-influxd-"));
    const file = join(dir, "influxdb.conf");
    writeFileSync(file, configOf(port, await freePort(), dir));
    const server = supervise(dir, program, ["run", "-config", file]);
    if (await answers(port, server)) return { port, end: () => server.end() };
    const log = logOf(dir);
    await server.end();
    // Another process may have taken a port since it was found free.
    if (attempt === attempts) throw new Error(`influxd did not start:\n${log}`);
  }
}

const attempts = 3;
const startTimeout = 15_000;

/** Keeps all in its folder and reports nothing to anybody. */
function configOf(port: number, backupPort: number, dir: string): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${join(dir, "meta")}"
[data]
dir = "${join(dir, "data")}"
wal-dir = "${join(dir, "wal")}"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
`;
}

async function answers(port: number, server: Supervised): Promise<boolean> {
  const by = performance.now() + startTimeout;
  while (!server.ended && performance.now() < by) {
    if (await answersPing(port)) return !server.ended;
    await sleep(20);
  }
  return false;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/ping", timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 204);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}

function logOf(dir: string): string {
  try {
    return readFileSync(join(dir, "log"), "utf8").slice(-2_000);
  } catch {
    return "(no log)";
  }
}
