/** `echarde run` in a process of its own, which may be killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, type KafkaServer } from "@echarde/testkit/servers";

/** In front of clusters `a` (the default) and `b` (topics that begin with `b-`). */
export class RouterProcess {
  /** Where clients reach it, the same each time. */
  readonly port: number;
  readonly #file: string;
  #process: ChildProcess | null = null;
  #admin = 0;

  private constructor(port: number, file: string) {
    this.port = port;
    this.#file = file;
  }

  /** Starts it with `more` lines in a configuration that stands in `folder`. */
  static async start(
    folder: string,
    [a, b]: readonly [KafkaServer, KafkaServer],
    more: readonly string[],
  ): Promise<RouterProcess> {
    const port = await freePort();
    const file = join(folder, "echarde.yaml");
    const text = [
      ...["protocol: kafka", `listen: 127.0.0.1:${port}`, "admin: { listen: 127.0.0.1:0 }"],
      ...["defaultCluster: a", "clusters:", `  a: { endpoints: ["127.0.0.1:${a.port}"] }`],
      ...[`  b: { endpoints: ["127.0.0.1:${b.port}"] }`, "routes: [{ prefix: b-, cluster: b }]"],
      ...["options:", `  advertised: 127.0.0.1:${port}`, ...more, ""],
    ];
    writeFileSync(file, text.join("\n"));
    const router = new RouterProcess(port, file);
    await router.again();
    return router;
  }

  /** Starts it again. */
  async again(): Promise<void> {
    const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));
    const args = ["--conditions=source", "--import", "tsx", cli, "run", this.#file];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    let output = "";
    const add = (chunk: unknown): void => {
      output += String(chunk);
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    const by = Date.now() + 120_000;
    for (;;) {
      const admin = /admin on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (admin !== undefined && /kafka on 127\.0\.0\.1:\d+/.test(output)) {
        this.#admin = Number(admin);
        return;
      }
      if (Date.now() > by || child.exitCode !== null) throw new Error(`not started: ${output}`);
      await sleep(10);
    }
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Process ids of the workers that have clients. */
  async workers(): Promise<number[]> {
    const response = await fetch(`http://127.0.0.1:${this.#admin}/state`);
    const { clients } = (await response.json()) as { clients: readonly { key: string }[] };
    return [...new Set(clients.map(({ key }) => Number(key.split(" ")[0])))];
  }
}
