/** Reads maps of a configuration and the files that they name; what is wrong becomes a finding at its place. Values are never quoted: they may be secret. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { HostFinding } from "../config/settings-reader.ts";
import { suggest } from "../config/suggest.ts";

/** Keys and indexes from the root of the configuration. */
export type Path = readonly (string | number)[];

/** A map whose keys are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** See the module. */
export class SpecReader {
  /** Files read so far, by their whole paths, each with a hash of what was in it. */
  readonly files: Map<string, string> = new Map<string, string>();
  readonly #folder: string;
  readonly #findings: HostFinding[];

  /** Relative paths start at `folder`. */
  constructor(folder: string, findings: HostFinding[]) {
    this.#folder = folder;
    this.#findings = findings;
  }

  /** Notes an error. */
  fail(path: Path, message: string, inKey = false): null {
    this.#findings.push({ path, message, inKey });
    return null;
  }

  /** A map with these keys at most (any, if null), null and an error when it is something else. */
  map(value: unknown, path: Path, known: readonly string[] | null): Fields | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.fail(path, "must be a map");
    }
    for (const key of known === null ? [] : Object.keys(value)) {
      if (known === null || known.includes(key)) continue;
      const near = suggest(key, known);
      const hint = near === null ? `known here: ${known.join(", ")}` : `did you mean ${near}?`;
      this.fail([...path, key], `unknown key; ${hint}`, true);
    }
    return value as Fields;
  }

  /** A text that is not empty; undefined when it is not given, null and an error when it is something else. */
  text(fields: Fields, key: string, path: Path): string | null | undefined {
    const value = fields[key];
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return value;
    return this.fail([...path, key], "must be a text (put it in quotes)");
  }

  /** True or false. */
  flag(fields: Fields, key: string, path: Path, otherwise: boolean): boolean {
    const value = fields[key];
    if (value === undefined) return otherwise;
    if (typeof value === "boolean") return value;
    this.fail([...path, key], "must be true or false");
    return otherwise;
  }

  /** One of these words. */
  word<Word extends string>(
    fields: Fields,
    key: string,
    path: Path,
    words: readonly Word[],
    otherwise: Word,
  ): Word {
    const value = fields[key];
    if (value === undefined) return otherwise;
    const found = words.find((word) => word === value);
    if (found === undefined) this.fail([...path, key], `must be ${words.join(" or ")}`);
    return found ?? otherwise;
  }

  /** What is in the file that the setting names, as a text; undefined when it is not given, null and an error when it cannot be read. */
  file(fields: Fields, key: string, path: Path): string | null | undefined {
    const name = this.text(fields, key, path);
    if (name === undefined || name === null) return name;
    const whole = resolve(this.#folder, name);
    try {
      const content = readFileSync(whole, "utf8");
      this.files.set(whole, digest(content));
      return content;
    } catch (error) {
      this.files.set(whole, "");
      return this.fail([...path, key], `${name}: ${fileWords(error)}`);
    }
  }
}

/** What stands for the content of a file in {@link SpecReader.files}: "" when it cannot be read. */
export function hashOf(file: string): string {
  try {
    return digest(readFileSync(file, "utf8"));
  } catch {
    return "";
  }
}

function digest(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function fileWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
      return "permission denied";
    case "EISDIR":
      return "is a folder";
    default:
      return message;
  }
}
