/** A worker as the first process sees it. */
import cluster, { type Worker } from "node:cluster";
import type { ValueQuestion } from "@echarde/core";
import type { Address } from "../address.ts";
import type { Snapshot } from "../admin/inspected.ts";
import type { SessionWorker } from "../sessions/fleet-sessions.ts";
import type { StoredSession } from "../sessions/stored-session.ts";
import type { Granted, SessionMessage } from "../sessions/worker-sessions.ts";
import type { ValueAnswer } from "../values/host-values.ts";
import { closeWhatIsLeft } from "./handed-over.ts";
import {
  type Answers,
  type FromWorker,
  type Question,
  receivedError,
  type Start,
  type ToWorker,
} from "./messages.ts";
import type { TraceMessage } from "./worker-trace.ts";

/** What a worker tells without being asked. */
export interface WorkerEvents {
  /** A line for the log. */
  log(message: Extract<FromWorker, { readonly type: "log" }>): void;
  /** After a value. */
  value(question: ValueQuestion): Promise<ValueAnswer>;
  /** About a session; a claim is answered by what it resolves with. */
  session(worker: WorkerProcess, message: SessionMessage): Promise<Granted | undefined> | null;
  /** What it has recorded. */
  trace(message: TraceMessage): void;
  /** It is gone; `why` = its exit code or the signal that ended it. */
  ended(worker: WorkerProcess, why: number | string): void;
}

/** See the module. */
export class WorkerProcess implements SessionWorker {
  /** Its process id. */
  readonly pid: number;
  /** When it was started, milliseconds of `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** Resolves with its addresses when it serves, rejects when it cannot or is gone before. */
  readonly serving: Promise<readonly Address[]>;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  /** What it said when it was last asked. */
  last: Snapshot | null = null;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #asks = 0;

  constructor(start: Start, events: WorkerEvents) {
    const worker = cluster.fork();
    this.#worker = worker;
    closeWhatIsLeft(worker);
    this.pid = worker.process.pid ?? 0;
    this.serving = new Promise((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (message.type === "hello") this.#tell(start);
        else if (message.type === "serving") resolve(message.addresses);
        else if (message.type === "failed") reject(receivedError(message.error));
        else if (message.type === "log") events.log(message);
        else if (message.type === "trace") events.trace(message.message);
        else if (message.type === "value") {
          const { id, question } = message;
          void events.value(question).then((answer) => this.#tell({ type: "value", id, answer }));
        } else if (message.type === "session") {
          const { id } = message;
          const told = events.session(this, message.message);
          void told?.then((granted) => this.#tell({ type: "granted", id, granted }));
        } else this.#answered(message);
      });
      worker.on("exit", () => reject(new Error("a worker ended before it served")));
    });
    this.serving.catch(() => {});
    this.gone = new Promise((resolve) => {
      worker.on("error", () => {}); // a message that it was gone for; `exit` follows
      worker.on("exit", (code: number | null, signal: string | null) => {
        for (const { done } of this.#asked.values()) done(new Error("the worker is gone"), null);
        this.#asked.clear();
        resolve();
        events.ended(this, signal ?? code ?? "?");
      });
    });
  }

  /** Asks, and waits for the answer so many milliseconds. Rejects with what went wrong there, and when it is gone or late. */
  ask<What extends Question["what"]>(
    question: Question & { readonly what: What },
    milliseconds: number,
  ): Promise<Answers[What]> {
    const id = ++this.#asks;
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, value: unknown): void => {
        clearTimeout(timer);
        this.#asked.delete(id);
        if (error === null) resolve(value as Answers[What]);
        else reject(error);
      };
      const late = (): void => done(new Error(`worker ${this.pid} does not answer`), null);
      const timer = setTimeout(late, milliseconds);
      this.#asked.set(id, { done });
      if (this.#worker.isDead()) done(new Error("the worker is gone"), null);
      else this.#tell({ type: "ask", id, question }); // cut off already: its end is about to be heard
    });
  }

  give(session: string): Promise<StoredSession | null> {
    return this.ask({ what: "give", session }, giveTime);
  }

  over(session: string): void {
    this.#tell({ type: "over", session });
  }

  /** The trace has reached its bound. */
  recorded(): void {
    this.#tell({ type: "recorded" });
  }

  /** Ends it at once. */
  kill(): void {
    this.#worker.process.kill("SIGKILL");
  }

  #tell(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message);
  }

  #answered({ id, value, error }: Extract<FromWorker, { readonly type: "answer" }>): void {
    this.#asked.get(id)?.done(error === null ? null : receivedError(error), value);
  }
}

/** Milliseconds for a worker to give up a session: its client waits. */
const giveTime = 2_000;

interface Asked {
  readonly done: (error: Error | null, value: unknown) => void;
}
