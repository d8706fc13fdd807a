/** `echarde record` and `echarde replay` as processes, for the tests in this folder. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder with configurations and a trace. */
export class Recording {
  readonly trace: string;
  readonly #dir: string = mkdtempSync(join(tmpdir(), "echarde-record-"));
  #router: Command | null = null;

  constructor() {
    this.trace = join(this.#dir, "trace.mpk");
  }

  /** Writes a configuration; gives its path. */
  file(name: string, lines: readonly string[]): string {
    const path = join(this.#dir, name);
    writeFileSync(path, lines.join("\n"));
    return path;
  }

  /** Starts to record; resolves with the port. */
  async start(file: string, ...more: readonly string[]): Promise<number> {
    const router = new Command(["record", file, "--to", this.trace, ...more]);
    this.#router = router;
    return Number((await router.until(/ on 127\.0\.0\.1:(\d+)/))[1]);
  }

  /** Ends it in good order; resolves with what it said. */
  async stop(): Promise<string> {
    const router = this.#router;
    assert.ok(router !== null, "it records");
    router.process.kill("SIGTERM");
    assert.equal(await router.code(), 0, router.text);
    return router.text;
  }

  /** What `echarde replay` prints, with another configuration or without. */
  async replay(...file: readonly string[]): Promise<readonly string[]> {
    const command = new Command(["replay", this.trace, ...file]);
    assert.equal(await command.code(), 0, command.text);
    return command.out.trimEnd().split("\n");
  }

  /** Ends what still runs, and removes the folder. */
  end(): void {
    this.#router?.process.kill("SIGKILL");
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

class Command {
  readonly process: ChildProcess;
  /** What it said. */
  text = "";
  /** The part of it that is no warning. */
  out = "";
  readonly #ended: Promise<unknown[]>;

  constructor(args: readonly string[]) {
    const cli = fileURLToPath(import.meta.resolve("@echarde/host-node/cli"));
    const node = ["--conditions=source", "--import", "tsx", cli, ...args];
    this.process = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.process, "close");
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.text += chunk;
        if (stream === this.process.stdout) this.out += chunk;
      });
    }
  }

  async code(): Promise<unknown> {
    return (await this.#ended)[0];
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const by = Date.now() + 60_000;
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      assert.ok(Date.now() < by && this.process.exitCode === null, `no ${pattern}: ${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
