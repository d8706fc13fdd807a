/** Reads the values of a configuration one by one, and notes what is wrong with each. */
import type { ConfigFinding } from "@echarde/core";
import { type Address, parseAddress, parseListenAddress } from "../address.ts";
import { suggest } from "./suggest.ts";
import { readBytes, readMilliseconds } from "./units.ts";

/** Something wrong in a configuration. */
export interface HostFinding extends ConfigFinding {
  /** The key at the end of the path is at fault, not its value. */
  readonly inKey?: boolean;
}

/** What an amount counts. */
export type Unit = "count" | "bytes" | "time";

const unitWords: Readonly<Record<Unit, string>> = {
  count: "a whole number",
  bytes: "bytes: a whole number, or a text such as 64MiB (B, KiB, MiB, GiB)",
  time: "a time: milliseconds, or a text such as 5s (ms, s, m, h)",
};

/** See the module. */
export class SettingsReader {
  readonly #findings: HostFinding[];

  constructor(findings: HostFinding[]) {
    this.#findings = findings;
  }

  /** A key that nobody knows. */
  unknown(path: readonly (string | number)[], known: readonly string[]): void {
    const near = suggest(String(path.at(-1)), known);
    const hint = near === null ? `known here: ${known.join(", ")}` : `did you mean ${near}?`;
    this.#findings.push({ path, message: `unknown key; ${hint}`, inKey: true });
  }

  /** The map under a key, empty when it is not given or wrong. */
  section(
    config: Readonly<Record<string, unknown>>,
    name: string,
    known: readonly string[],
  ): Readonly<Record<string, unknown>> {
    const value = config[name];
    if (value === undefined) return {};
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#findings.push({ path: [name], message: "must be a map" });
      return {};
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) this.unknown([name, key], known);
    }
    return value as Readonly<Record<string, unknown>>;
  }

  /** The amount at the end of `path`, null when it is not given or wrong. */
  amount(
    section: Readonly<Record<string, unknown>>,
    path: readonly [string, string],
    unit: Unit,
    least: number,
  ): number | null {
    const value = section[path[1]];
    if (value === undefined) return null;
    const count = typeof value === "number" && Number.isSafeInteger(value) ? value : null;
    const amount =
      unit === "bytes" ? readBytes(value) : unit === "time" ? readMilliseconds(value) : count;
    if (amount !== null && amount >= least) return amount;
    const bound = amount === null ? "" : `, at least ${least}`;
    this.#findings.push({ path, message: `must be ${unitWords[unit]}${bound}` });
    return null;
  }

  /** The whole number from 1 to `most` at `path`, null when it is not given or wrong. */
  count(value: unknown, path: readonly string[], most: number): number | null {
    if (value === undefined) return null;
    if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most)
      return Number(value);
    this.#findings.push({ path, message: `must be a whole number from 1 to ${most}` });
    return null;
  }

  /** The text at `path`, null when it is not given or wrong. */
  text(value: unknown, path: readonly string[]): string | null {
    if (value === undefined) return null;
    if (typeof value === "string" && value !== "") return value;
    this.#findings.push({ path, message: "must be a text" });
    return null;
  }

  /** The word at the end of `path`, null when it is not given or none of `words`. */
  word<Word extends string>(
    section: Readonly<Record<string, unknown>>,
    path: readonly [string, string],
    words: readonly Word[],
  ): Word | null {
    const value = section[path[1]];
    if (value === undefined) return null;
    const word = words.find((each) => each === value);
    if (word === undefined) this.#findings.push({ path, message: `must be ${words.join(" or ")}` });
    return word ?? null;
  }

  /** The address at the end of `path`, null when it is not given or wrong. */
  address(value: unknown, path: readonly (string | number)[]): Address | null {
    if (value === undefined) return null;
    const address = typeof value === "string" ? parseAddress(value) : null;
    if (address === null)
      this.#findings.push({ path, message: `must be host:port, "[v6]:port" or unix:/path` });
    return address;
  }

  /** The addresses under key `listen`: one, or a list. */
  addresses(value: unknown, protocol: unknown): readonly Address[] {
    if (value === undefined) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const addresses: Address[] = [];
    list.forEach((entry, i) => {
      const path = Array.isArray(value) ? ["listen", i] : ["listen"];
      const address = typeof entry === "string" ? parseListenAddress(entry) : null;
      if (address === null) {
        const message = `must be host:port, "[v6]:port", unix:/path or (MQTT) ws://host:port/path`;
        this.#findings.push({ path, message });
      } else if (address.type === "ws" && (protocol ?? "mqtt") !== "mqtt") {
        this.#findings.push({ path, message: "WebSocket is for MQTT only" });
      } else addresses.push(address);
    });
    return addresses;
  }
}
