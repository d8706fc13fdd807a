import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, type Router } from "@echarde/core";
import { readConfig } from "../config/load.ts";
import type { Problem } from "../config/source.ts";
import type { LeveledLog } from "../operate/pino-log.ts";
import { type FileWatch, watchFile } from "../operate/watch-file.ts";
import { settled } from "./settled.ts";

/** Why a file is read again. */
type Cause = "file" | "secrets" | "SIGHUP";

/** What takes another configuration over: a server, or several processes of it. */
interface Reloadable {
  /** Puts it in force; `text` = what it was read from. Throws or rejects with `ConfigError` and changes nothing when it cannot. */
  reconfigure(config: unknown, text: string): Promise<void> | void;
  /** A configuration was refused before it came here: it is counted. */
  configRefused(): void;
  /** Reads certificates, passwords and users again. */
  reloadSecrets(): Promise<void> | void;
  /** Files that `reloadSecrets` reads. */
  readonly secretFiles: readonly string[];
  /** Whether one of them is other than when it was last read, well or in vain. */
  readonly secretsChanged: boolean;
  /** Its table is in force. */
  readonly router: Router;
}

/**
 * Puts a changed file in force while the server runs. A file that is wrong is
 * refused, with its places in the log, and what was in force stays.
 *
 * ```
 *   file changes ──▶ it stands still ──▶ same text? nothing ┐
 *   SIGHUP ─────────────────────────────────────────────────┴▶ check ─▶ reconfigure ─▶ "reloaded"
 *                                                                └─────────┴─▶ "refused", at file:line:column
 *   certificate or password file changes ──▶ read these again
 * ```
 */
export class Reloader {
  readonly #file: string;
  readonly #server: Reloadable;
  readonly #log: LeveledLog;
  readonly #watch: FileWatch;
  readonly #secrets = new Map<string, FileWatch>();
  readonly #hangup = (): void => this.#ask("SIGHUP");
  #text: string;
  #running: Promise<void> = Promise.resolve();

  /** @param text - what was in the file when the server was made */
  constructor(file: string, text: string, server: Reloadable, log: LeveledLog) {
    this.#file = file;
    this.#text = text;
    this.#server = server;
    this.#log = log;
    this.#watch = watchFile(file, () => this.#ask("file"));
    this.#watchSecrets();
    process.on("SIGHUP", this.#hangup);
  }

  /** Watches no more; resolves when nothing is under way. */
  stop(): Promise<void> {
    process.off("SIGHUP", this.#hangup);
    this.#watch.stop();
    for (const watch of this.#secrets.values()) watch.stop();
    return this.#running;
  }

  /** One after the other: the last one to be asked for is the last one in force. */
  #ask(cause: Cause): void {
    this.#running = this.#running.then(() => this.#reload(cause));
  }

  async #reload(cause: Cause): Promise<void> {
    const file = this.#file;
    try {
      if (cause === "secrets") {
        // Other files change in the same folders: the log itself, perhaps.
        if (!this.#server.secretsChanged) return;
        await this.#server.reloadSecrets();
        this.#log.info({ event: "secrets-reloaded" }, "certificates, passwords and users reloaded");
        return;
      }
      const look = (): string => readFileSync(file, "utf8");
      const text = cause === "file" ? await settled(look) : look();
      if (text === null) {
        this.#refused(cause, "it changes all the time; SIGHUP takes it over as it stands");
        return;
      }
      if (cause === "file" && text === this.#text) return;
      this.#text = text;
      const { problems, config, place } = await readConfig(text, dirname(resolve(file)));
      this.#say(problems);
      if (config === null) {
        this.#refused(cause, "see the problems before this");
        return;
      }
      try {
        await this.#server.reconfigure(config.data, text);
      } catch (error) {
        if (!(error instanceof ConfigError) || error.findings.length === 0) throw error;
        this.#say(place(error.findings));
        this.#refused(cause, "see the problems before this");
        return;
      }
      this.#log.setLevel(config.settings.log.level);
      this.#watchSecrets();
      const table = this.#server.router.table.version;
      this.#log.info({ event: "config-reloaded", cause, file, table }, "configuration reloaded");
    } catch (error) {
      // Whatever it is: a file that cannot be read must not end a server that runs.
      const known = error instanceof ConfigError || isSystemError(error);
      this.#refused(cause, known ? error.message : String(error instanceof Error && error.name));
    }
  }

  #say(problems: readonly Problem[]): void {
    const file = this.#file;
    for (const { line, column, severity, message } of problems) {
      const words = `${file}:${line}:${column}: ${message}`;
      const fields = { event: "config-problem", file, line, column };
      if (severity === "error") this.#log.error(fields, words);
      else this.#log.warn(fields, words);
    }
  }

  #refused(cause: Cause, reason: string): void {
    this.#server.configRefused();
    const fields = { event: "config-refused", cause, file: this.#file, reason };
    this.#log.error(fields, "configuration refused; the one in force stays");
  }

  #watchSecrets(): void {
    const files = new Set(this.#server.secretFiles);
    for (const [file, watch] of this.#secrets) {
      if (files.delete(file)) continue;
      watch.stop();
      this.#secrets.delete(file);
    }
    for (const file of files)
      this.#secrets.set(
        file,
        watchFile(file, () => this.#ask("secrets")),
      );
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
