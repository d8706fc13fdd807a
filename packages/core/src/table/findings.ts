import type { ConfigFinding } from "../errors.ts";
import type { Path } from "./model.ts";

/** One thing that is wrong with a table, or looks so. */
export interface TableFinding extends ConfigFinding {
  /** An error keeps the table from being compiled; a warning names a rule without effect or a likely slip. */
  readonly severity: "error" | "warning";
}

/** Gathers what is found while a table is read, so that all of it is reported at once. */
export class Findings {
  /** In the order found. */
  readonly all: TableFinding[] = [];
  /** Cluster names met, with the first place of each. */
  readonly names: Map<string, Path> = new Map();

  /** Whether anything found keeps the table from being compiled. */
  get failed(): boolean {
    return this.all.some((finding) => finding.severity === "error");
  }

  /** Notes an error. */
  error(path: Path, message: string): void {
    this.all.push({ severity: "error", path, message });
  }

  /** Notes a warning. */
  warning(path: Path, message: string): void {
    this.all.push({ severity: "warning", path, message });
  }

  /** The value as an object of the known keys; null (and errors) when it is something else. Unknown keys are errors. */
  record(value: unknown, path: Path, known: readonly string[] | null): Fields | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.error(path, `must be a map, not ${kindOf(value)}`);
      return null;
    }
    const fields = new Map(Object.entries(value));
    if (known !== null) {
      for (const key of fields.keys()) {
        if (known.includes(key)) continue;
        this.error([...path, key], `unknown key; known here: ${known.join(", ")}`);
      }
    }
    return fields;
  }

  /** The value as a list; null and an error when it is none. */
  list(value: unknown, path: Path): readonly unknown[] | null {
    if (Array.isArray(value)) return value;
    this.error(path, `must be a list, not ${kindOf(value)}`);
    return null;
  }

  /** The value as a text; null and an error when it is none. */
  text(value: unknown, path: Path): string | null {
    if (typeof value === "string") return value;
    this.error(path, `must be a text, not ${kindOf(value)}${unquoted(value)}`);
    return null;
  }

  /** The value as a cluster's name; null and an error when it is none. Whether the cluster exists is checked later. */
  name(value: unknown, path: Path): string | null {
    if (value === undefined) {
      this.error(path, "is missing: name a cluster");
      return null;
    }
    const name = this.text(value, path);
    if (name === null) return null;
    if (!/^[A-Za-z0-9._-]+$/.test(name)) {
      this.error(path, `bad cluster name ${JSON.stringify(name)}: use A-Z a-z 0-9 . _ -`);
      return null;
    }
    if (!this.names.has(name)) this.names.set(name, path);
    return name;
  }
}

/** Keys and values of a map in the input. */
export type Fields = ReadonlyMap<string, unknown>;

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

function unquoted(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? "; put it in quotes" : "";
}
