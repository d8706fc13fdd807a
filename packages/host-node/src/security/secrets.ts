import { ConfigError, type ConfigFinding } from "@echarde/core";
import type { HostFinding } from "../config/settings-reader.ts";
import { HostSecurity } from "./host-security.ts";
import { readSecurity, type SecurityContext } from "./read-security.ts";
import { hashOf } from "./reader.ts";

/** What the security of a server is read from: a configuration, and what stands beside it in the options. */
interface Given {
  readonly table: unknown;
  readonly tls?: unknown;
  readonly auth?: unknown;
}

/** The files behind a server's security, and how they are read again. */
export class Secrets {
  /** What is in force. */
  readonly security: HostSecurity;
  readonly #context: SecurityContext;
  readonly #own: Readonly<Record<string, unknown>>;
  #config: Readonly<Record<string, unknown>>;
  /** Files as last read, well or in vain: a hash of each. */
  #seen: ReadonlyMap<string, string>;

  /** Reads all files. Adds what is wrong to `findings`. */
  constructor(context: SecurityContext, { table, tls, auth }: Given, findings: HostFinding[]) {
    this.#context = context;
    this.#own = { ...(tls === undefined ? {} : { tls }), ...(auth === undefined ? {} : { auth }) };
    this.#config = configOf(table);
    const config = { ...this.#config, ...this.#own };
    const settings = readSecurity(config, context, findings);
    this.#seen = settings.files;
    this.security = new HostSecurity(settings);
  }

  /** Whether a file is other than when it was last read, well or in vain. */
  get changed(): boolean {
    return [...this.#seen].some(([file, hash]) => hashOf(file) !== hash);
  }

  /**
   * Reads the files again, as the configuration says (a compiled table says nothing). Call what it
   * returns to put them in force, and tell the router then.
   *
   * @throws ConfigError when something is wrong, or takes a restart
   */
  read(table: unknown = null): () => void {
    const config = table === null || isCompiled(table) ? this.#config : configOf(table);
    const findings: HostFinding[] = [];
    const settings = readSecurity({ ...config, ...this.#own }, this.#context, findings);
    this.#seen = settings.files;
    if (findings.length > 0) throw configError(findings);
    this.security.allows(settings);
    return () => {
      this.#config = config;
      this.security.replace(settings);
    };
  }
}

/** The configuration that a table is, empty for a compiled one. */
export function configOf(table: unknown): Readonly<Record<string, unknown>> {
  return typeof table === "object" && table !== null && !isCompiled(table) ? { ...table } : {};
}

/** All findings in one error. */
export function configError(findings: readonly ConfigFinding[]): ConfigError {
  const words = findings.map(
    ({ path, message }) => `${path.join(".") || "configuration"}: ${message}`,
  );
  return new ConfigError("bad-option", words.join("; "), findings);
}

function isCompiled(table: unknown): boolean {
  return typeof table === "object" && table !== null && "route" in table;
}
