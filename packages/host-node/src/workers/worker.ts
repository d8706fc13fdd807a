/**
 * One of several processes that serve the same addresses: what the first process starts. It ends
 * when that one tells it to or is gone; signals are the first process's, also those that a terminal
 * or a service manager sends to all of them.
 */
import cluster from "node:cluster";
import { processMetricObjects } from "../admin/process-metrics.ts";
import { now } from "../clock.ts";
import { readConfig } from "../config/load.ts";
import type { Log } from "../operate/log.ts";
import { loadPacketKind } from "../record/packet-kinds.ts";
import type { RunningServer } from "../running-server.ts";
import { logFailing } from "../sessions/host-sessions.ts";
import { type FirstProcess, type Granted, WorkerSessions } from "../sessions/worker-sessions.ts";
import { makeServer } from "../shard-server.ts";
import { WorkerValues } from "../values/worker-values.ts";
import {
  type FromWorker,
  type Question,
  type Start,
  sentError,
  type ToWorker,
  type WorkerRecord,
} from "./messages.ts";
import { shareOf } from "./share.ts";
import { WorkerTrace } from "./worker-trace.ts";

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});

/** The first process writes it: lines of several would mix. */
const log: Log = {
  debug: (fields, message) => tell({ type: "log", level: "debug", fields, message }),
  info: (fields, message) => tell({ type: "log", level: "info", fields, message }),
  warn: (fields, message) => tell({ type: "log", level: "warn", fields, message }),
  error: (fields, message) => tell({ type: "log", level: "error", fields, message }),
};

let server: RunningServer | null = null;
let sessions: WorkerSessions | null = null;
let trace: WorkerTrace | null = null;
const values = new WorkerValues((id, question) => tell({ type: "value", id, question }));
/** Claims that the first process has not answered. */
const claims = new Map<number, (granted: Granted | undefined) => void>();
let asked = 0;
let reads: (text: string) => Promise<unknown> = async () => ({});
let checked: () => void = () => {};

process.on("message", (message: ToWorker) => {
  if (message.type === "start") void start(message);
  else if (message.type === "over") sessions?.over(message.session);
  else if (message.type === "recorded") {
    if (trace !== null) trace.isOpen = false;
  } else if (message.type === "value") values.answered(message.id, message.answer);
  else if (message.type === "granted") {
    claims.get(message.id)?.(message.granted);
    claims.delete(message.id);
  } else void answer(message.id, message.question);
});
tell({ type: "hello" });

const first: FirstProcess = {
  claim: (message) =>
    new Promise((resolve) => {
      asked += 1;
      claims.set(asked, resolve);
      tell({ type: "session", id: asked, message });
    }),
  tell: (message) => tell({ type: "session", id: 0, message }),
  failing: logFailing(log),
};

async function start(given: Start): Promise<void> {
  const { text, folder, listen, workers, sessionFile, record } = given;
  try {
    const { config, problems } = await readConfig(text, folder);
    if (config === null) throw new Error(problems[0]?.message ?? "no configuration");
    const { protocol, settings } = config;
    reads = async (next) => {
      const read = (await readConfig(next, folder)).config;
      if (read === null) throw new Error("a file that it names is other than a moment ago");
      return shareOf(read.data, read.settings, workers);
    };
    sessions = new WorkerSessions(first, sessionFile, now);
    const options = {
      ...{ codec: protocol.codec, encodeRequest: protocol.encodeRequest, folder, logger: log },
      table: shareOf(config.data, settings, workers),
      counters: settings.admin.listen !== null,
      ...(listen === null ? {} : { listen }),
    };
    server = makeServer(options, { sessions, values });
    if (record !== null) await recordWith(server, record);
    await server.listen();
    tell({ type: "serving", addresses: server.addresses });
  } catch (error) {
    tell({ type: "failed", error: sentError(error) });
  }
}

async function recordWith(running: RunningServer, record: WorkerRecord): Promise<void> {
  const kind = await loadPacketKind(running.protocol);
  if (kind === null) return;
  trace = new WorkerTrace(record.bytes, (message) => tell({ type: "trace", message }));
  running.record({ kind, values: record.values, began: record.began, sink: trace });
}

async function answer(id: number, question: Question): Promise<void> {
  try {
    if (server === null) throw new Error("it does not serve yet");
    const value = await answerOf(server, question);
    tell({ type: "answer", id, value, error: null }, question.what === "drain");
  } catch (error) {
    tell({ type: "answer", id, value: null, error: sentError(error) });
  }
}

async function answerOf(running: RunningServer, question: Question): Promise<unknown> {
  switch (question.what) {
    case "snapshot": {
      const now = running.snapshot(question.limit);
      const own = <View extends { readonly key: string }>(view: View): View => ({
        ...view,
        key: `${process.pid} ${view.key}`,
      });
      return { ...now, clients: now.clients.map(own), links: now.links.map(own) };
    }
    case "process":
      return processMetricObjects();
    case "check":
      checked = running.prepare(await reads(question.text));
      return null;
    case "take":
      checked();
      return null;
    case "secrets":
      running.reloadSecrets();
      return null;
    case "give":
      return sessions?.give(question.session) ?? null;
    case "drain": {
      const { cut } = await running.close({ drain: question.milliseconds });
      trace?.flush();
      return cut;
    }
  }
}

/** `last` = nothing comes after it; the process ends when its sockets have sent what they hold. */
function tell(message: FromWorker, last = false): void {
  if (!process.connected) return;
  process.send?.(message, undefined, undefined, () => {
    if (!last || cluster.worker === undefined) return;
    cluster.worker.exitedAfterDisconnect = true;
    process.disconnect();
  });
}
