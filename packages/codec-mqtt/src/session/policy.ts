/** Options of a table that say how links to brokers are treated. */
import type { ConfigFinding } from "@echarde/core";
import { fail } from "../sources/source-rules.ts";

/** See the module. */
export interface Policy {
  /** Links are opened when they are first needed. */
  readonly lazy: boolean;
  /** A client stays when a broker is lost; the link is opened again. */
  readonly isolate: boolean;
}

/** Reads it. Throws `ConfigError`. */
export function policyOf(options: Readonly<Record<string, unknown>>): Policy {
  const findings: ConfigFinding[] = [];
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const message = `unknown key; known here: ${known.join(", ")}`;
    findings.push({ path: ["options", key], message });
  }
  const word = (key: string, words: readonly [string, string]): boolean => {
    const value = options[key] ?? words[0];
    if (words.every((each) => each !== value)) {
      findings.push({ path: ["options", key], message: `must be ${words.join(" or ")}` });
    }
    return value === words[1];
  };
  const lazy = word("connect", ["eager", "lazy"]);
  const isolate = word("onLoss", ["close", "isolate"]);
  fail(findings);
  return { lazy, isolate };
}

const known = ["sessions", "connect", "onLoss"];
