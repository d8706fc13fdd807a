import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Load } from "./plan.ts";

/** One run that the generator is asked for. */
export interface LoadRequest {
  /** Whose traffic: mqtt, influx, kafka or redis (the latter two at a fixed rate). */
  readonly protocol: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** What the protocol's generator takes. */
  readonly traffic: unknown;
  /** How many operations. */
  readonly operations: number;
}

/** What the generator's process answers. */
export type LoadAnswer = { readonly load: Load } | { readonly problem: string };

/** A load generator in a process of its own. */
export interface Generator {
  /** One run; one at a time. */
  run(request: LoadRequest): Promise<Load>;
  /** Ends its process. */
  close(): Promise<void>;
}

/**
 * Starts a load generator of ours in a process of its own. It stays for all runs, so that its code
 * is compiled when it counts.
 */
export function startGenerator(): Generator {
  const child = fork(fileURLToPath(new URL("./generator-process.ts", import.meta.url)));
  return {
    run: (request) => ask(child, request),
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill();
      }),
  };
}

function ask(child: ChildProcess, request: LoadRequest): Promise<Load> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    const onMessage = (message: unknown): void => {
      settle();
      const answer = message as LoadAnswer;
      if ("load" in answer) resolve(answer.load);
      else reject(new Error(answer.problem));
    };
    const onExit = (): void => {
      settle();
      reject(new Error("the load generator ended"));
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send(request);
  });
}
