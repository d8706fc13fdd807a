/**
 * What the first process and its workers tell each other. The configuration goes as text, so that
 * every process reads the same; the rest is plain data.
 */
import type { ValueQuestion } from "@echarde/core";
import type { MetricObject } from "prom-client";
import type { Address } from "../address.ts";
import type { Snapshot } from "../admin/inspected.ts";
import type { LogLevel } from "../config/operating.ts";
import type { StoredSession } from "../sessions/stored-session.ts";
import type { Granted, SessionMessage } from "../sessions/worker-sessions.ts";
import type { ValueAnswer } from "../values/host-values.ts";
import type { TraceMessage } from "./worker-trace.ts";

/** What a worker is started with. */
export interface Start {
  /** Discriminates. */
  readonly type: "start";
  /** Text of the configuration in force. */
  readonly text: string;
  /** Relative paths in it start here. */
  readonly folder: string;
  /** Addresses instead of the file's, null = the file's. */
  readonly listen: readonly string[] | null;
  /** How many workers there are: each has its share of the limits. */
  readonly workers: number;
  /** Where it keeps its sessions, null = in memory. */
  readonly sessionFile: string | null;
  /** What it records, null = nothing. */
  readonly record: WorkerRecord | null;
}

/** What a worker records; the first process writes it. */
export interface WorkerRecord {
  /** Whether values are recorded, too. */
  readonly values: boolean;
  /** Bytes that the trace may have. */
  readonly bytes: number;
  /** When the trace began, Unix milliseconds. */
  readonly began: number;
}

/** Questions to a worker, and their answers. */
export interface Answers {
  /** What it counts and holds; so many clients and links are listed. */
  readonly snapshot: Snapshot;
  /** Metrics of its process. */
  readonly process: MetricObject[];
  /** Reads another configuration and keeps it for `take`. */
  readonly check: null;
  /** Puts in force what it has checked last. */
  readonly take: null;
  /** Reads certificates, passwords and users again. */
  readonly secrets: null;
  /** Accepts no more and lets what is in flight finish; how many clients it cut off. */
  readonly drain: number;
  /** Gives up a session; null = it does not have it. */
  readonly give: StoredSession | null;
}

/** A question to a worker. */
export type Question =
  | { readonly what: "snapshot"; readonly limit: number }
  | { readonly what: "process" | "take" | "secrets" }
  | { readonly what: "check"; readonly text: string }
  | { readonly what: "drain"; readonly milliseconds: number }
  | { readonly what: "give"; readonly session: string };

/** To a worker. */
export type ToWorker =
  | Start
  | { readonly type: "ask"; readonly id: number; readonly question: Question }
  /** Answer to its claim; undefined = not now. */
  | { readonly type: "granted"; readonly id: number; readonly granted: Granted | undefined }
  /** Answer to its question after a value. */
  | { readonly type: "value"; readonly id: number; readonly answer: ValueAnswer }
  /** Another worker has the session for good. */
  | { readonly type: "over"; readonly session: string }
  /** The trace has reached its bound. */
  | { readonly type: "recorded" };

/** From a worker. */
export type FromWorker =
  /** It listens to messages: what is sent to a worker before is lost. */
  | { readonly type: "hello" }
  | { readonly type: "serving"; readonly addresses: readonly Address[] }
  | { readonly type: "failed"; readonly error: SentError }
  | {
      readonly type: "answer";
      readonly id: number;
      readonly value: unknown;
      readonly error: SentError | null;
    }
  /** After a value; answered by its id. */
  | { readonly type: "value"; readonly id: number; readonly question: ValueQuestion }
  /** About a session; a claim is answered by its id. */
  | { readonly type: "session"; readonly id: number; readonly message: SessionMessage }
  /** What it has recorded. */
  | { readonly type: "trace"; readonly message: TraceMessage }
  | {
      readonly type: "log";
      readonly level: Exclude<LogLevel, "silent">;
      readonly fields: object;
      readonly message: string;
    };

/** An error on its way between processes: the system's own properties go along. */
export interface SentError {
  /** Message. */
  readonly message: string;
  /** The others (`code`, `syscall`, `port`). */
  readonly more: Readonly<Record<string, unknown>>;
}

/** As it can be sent. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error), more: {} };
  const more: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === "string" || typeof value === "number") more[name] = value;
  }
  return { message: error.message, more };
}

/** The other way. */
export function receivedError({ message, more }: SentError): Error {
  return Object.assign(new Error(message), more);
}
