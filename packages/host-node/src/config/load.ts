/** Reads a configuration file into what {@link createShardServer} takes, or says what is wrong and where. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, checkTable, createRouter } from "@echarde/core";
import { knownProtocols, loadProtocol, type Protocol } from "../codecs.ts";
import { readSecurity } from "../security/read-security.ts";
import { type HostSettings, readHostSettings } from "./host-settings.ts";
import type { HostFinding } from "./settings-reader.ts";
import { type Problem, Source } from "./source.ts";
import { suggest } from "./suggest.ts";

/** A file that was read. */
export interface LoadedConfig {
  /** Errors and warnings by place. With an error the rest is null. */
  readonly problems: readonly Problem[];
  /** What the file says, and what runs it. */
  readonly config: {
    readonly protocol: Protocol;
    readonly data: Readonly<Record<string, unknown>>;
    readonly settings: HostSettings;
  } | null;
  /** Places of what turns out to be wrong later, when it is to be put in force. */
  place(findings: readonly HostFinding[]): readonly Problem[];
}

/** Reads and checks a file. Rejects with the system's error when it cannot be read. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  return readConfig(readFileSync(file, "utf8"), dirname(resolve(file)));
}

/** Reads and checks the text of a file, and the files that it names; relative paths start at `folder`. */
export async function readConfig(
  text: string,
  folder: string = process.cwd(),
): Promise<LoadedConfig> {
  const source = new Source(text);
  const place = (later: readonly HostFinding[]): readonly Problem[] => {
    const found = new PlacedFindings(source);
    for (const finding of later) found.add(finding, "error");
    return found.sorted();
  };
  if (source.problems.length > 0) return { problems: source.problems, config: null, place };
  const { data } = source;
  source.release(); // before tables are made: with many routes the parsed text is most of the memory
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    const message = "a configuration is a map: see docs/operating.md for its keys";
    return { problems: [{ line: 1, column: 1, severity: "error", message }], config: null, place };
  }
  const findings = new PlacedFindings(source);
  const config = data as Readonly<Record<string, unknown>>;
  const own: HostFinding[] = [];
  const settings = readHostSettings(config, own);
  const protocol = await protocolOf(config["protocol"], own);
  if (protocol !== null) readSecurity(config, { codec: protocol.codec, folder }, own);
  for (const finding of own) findings.add(finding, "error");
  const keyMap = protocol?.codec.keyMap;
  for (const finding of checkTable(config, { keyMap })) findings.add(finding, finding.severity);
  if (protocol !== null && !findings.failed) {
    try {
      createRouter({ codec: protocol.codec, table: config, limits: settings.limits });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const all =
        error.findings.length > 0 ? error.findings : [{ path: [], message: error.message }];
      for (const finding of all) findings.add(finding, "error");
    }
  }
  const failed = protocol === null || findings.failed;
  return {
    problems: findings.sorted(),
    config: failed ? null : { protocol, data: config, settings },
    place,
  };
}

async function protocolOf(name: unknown, findings: HostFinding[]): Promise<Protocol | null> {
  const known = knownProtocols();
  const protocol = typeof name === "string" ? await loadProtocol(name) : null;
  if (protocol !== null) return protocol;
  const near = typeof name === "string" ? suggest(name, known) : null;
  const what = name === undefined ? "is missing" : `unknown protocol ${JSON.stringify(name)}`;
  const hint = near === null ? `known: ${known.join(", ")}` : `did you mean ${near}?`;
  findings.push({ path: ["protocol"], message: `${what}; ${hint}` });
  return null;
}

/** Findings by place. Of two readers that object to the same value the first is heard. */
class PlacedFindings {
  failed = false;
  readonly #source: Source;
  readonly #problems: Problem[] = [];
  readonly #paths = new Set<string>();

  constructor(source: Source) {
    this.#source = source;
  }

  add({ path, message, inKey = false }: HostFinding, severity: Problem["severity"]): void {
    const key = JSON.stringify(path);
    if (this.#paths.has(key) && path.length > 0) return;
    this.#paths.add(key);
    if (severity === "error") this.failed = true;
    const words = path.length === 0 ? message : `${pathWords(path)}: ${message}`;
    this.#problems.push({ ...this.#source.place(path, inKey), severity, message: words });
  }

  sorted(): readonly Problem[] {
    return this.#problems.sort((a, b) => a.line - b.line || a.column - b.column);
  }
}

/** `routes[2].cluster`. */
function pathWords(path: readonly (string | number)[]): string {
  return path.reduce<string>((words, step) => {
    if (typeof step === "number") return `${words}[${step}]`;
    if (!/^[A-Za-z0-9_-]+$/.test(step)) return `${words}[${JSON.stringify(step)}]`;
    return words === "" ? step : `${words}.${step}`;
  }, "");
}
