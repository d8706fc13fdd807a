/**
 * Turns a pool of twemproxy's nutcracker.yml into a configuration that finds
 * every key on the same server. What has no equivalent becomes a comment.
 */
import { createHash } from "node:crypto";
import { parseDocument } from "yaml";

/** A file that cannot be imported; the message says why. */
export class ImportError extends Error {
  override readonly name: string = "ImportError";
}

type Fields = Readonly<Record<string, unknown>>;

/** The configuration as YAML. @param pool - its name, null = the only one. Throws {@link ImportError}. */
export function importNutcracker(text: string, pool: string | null): string {
  const [name, fields] = poolOf(text, pool);
  const notes: string[] = [];
  const servers = serversOf(name, fields);
  const lines = [
    `# From pool ${name} of a nutcracker.yml, by: echarde import nutcracker.`,
    "protocol: redis",
    `listen: ${quoted(listenOf(name, fields))}`,
    ...limitsOf(fields),
    ...timesOf(fields, notes),
    ...usersOf(fields),
    "# Answers what needs no key.",
    `localCluster: ${quoted(servers[0]?.cluster ?? "")}`,
    "clusters:",
    ...servers.map(({ cluster, endpoint }) => {
      const auth = passwordOf(fields);
      const own = auth === null ? "" : `, auth: { password: ${quoted(auth)} }`;
      return `  ${quoted(cluster)}: { endpoints: [${quoted(endpoint)}]${own} }`;
    }),
    "routes:",
    ...ruleOf(name, fields, servers),
  ];
  notes.push(...Object.keys(fields).flatMap((key) => withoutEquivalent[key] ?? unknownKey(key)));
  if (fields["redis_db"] !== undefined && fields["redis_db"] !== 0)
    notes.push(`redis_db ${String(fields["redis_db"])}: clients say SELECT themselves`);
  const comments = notes.map((note) => `# Not taken over: ${note}.`);
  return `${[...lines, ...comments].join("\n")}\n`;
}

interface Server {
  readonly cluster: string;
  readonly endpoint: string;
  readonly weight: number;
  /** What the ring hashes. */
  readonly point: string;
}

function poolOf(text: string, wanted: string | null): readonly [string, Fields] {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw new ImportError(`no YAML: ${error.code}`);
  const data: unknown = document.toJS();
  if (typeof data !== "object" || data === null) throw new ImportError("no pool in it");
  const pools = Object.entries(data);
  const names = pools.map(([name]) => name).join(", ");
  if (wanted === null && pools.length !== 1)
    throw new ImportError(`it has ${pools.length} pools; choose one with --pool: ${names}`);
  const found = pools.find(([name]) => wanted === null || name === wanted);
  if (found === undefined) throw new ImportError(`no pool ${wanted}; there is: ${names}`);
  const [name, fields] = found as [string, unknown];
  if (typeof fields !== "object" || fields === null) throw new ImportError(`${name} is no pool`);
  if ((fields as Fields)["redis"] !== true)
    throw new ImportError(`${name} is for memcached (redis: true is missing)`);
  return [name, fields as Fields];
}

function listenOf(pool: string, fields: Fields): string {
  const listen = fields["listen"];
  if (typeof listen !== "string") throw new ImportError(`${pool} has no listen`);
  const [address = ""] = listen.split(" "); // a socket file's mode may follow
  return address.startsWith("/") ? `unix:${address}` : address.replace(/^:/, "0.0.0.0:");
}

function serversOf(pool: string, fields: Fields): readonly Server[] {
  const list = fields["servers"];
  if (!Array.isArray(list) || list.length === 0) throw new ImportError(`${pool} has no servers`);
  const taken = new Set<string>();
  return list.map((entry: unknown, i) => {
    const match = /^(?<address>\S+):(?<weight>\d+)(?:\s+(?<name>\S+))?$/.exec(String(entry).trim());
    const { address = "", weight = "", name } = match?.groups ?? {};
    if (match === null) throw new ImportError(`${pool}: server ${i + 1} is no host:port:weight`);
    const plain = (name ?? "").replace(/[^A-Za-z0-9._-]/g, "-");
    const cluster = plain === "" || taken.has(plain) ? `server${i + 1}` : plain;
    if (taken.has(cluster)) throw new ImportError(`${pool}: server ${i + 1} has a name twice`);
    taken.add(cluster);
    const endpoint = address.startsWith("/") ? `unix:${address}` : address;
    const point = name ?? address.replace(/:11211$/, "");
    return { cluster, endpoint, weight: Number(weight), point };
  });
}

function ruleOf(pool: string, fields: Fields, servers: readonly Server[]): readonly string[] {
  const distribution = fields["distribution"] ?? "ketama";
  if (distribution !== "ketama") {
    const why = `distribution ${String(distribution)} has no equivalent: keys would be looked for elsewhere`;
    throw new ImportError(`${pool}: ${why}`);
  }
  const over = servers.map(({ cluster, weight }) => `${quoted(cluster)}: ${weight}`);
  const points = servers.filter(({ cluster, point }) => cluster !== point);
  const names = points.map(({ cluster, point }) => `${quoted(cluster)}: ${quoted(point)}`);
  return [
    "  - hash: ketama",
    `    function: ${String(fields["hash"] ?? "fnv1a_64")}`,
    `    tag: ${quoted(String(fields["hash_tag"] ?? ""))}`,
    `    over: { ${over.join(", ")} }`,
    ...(names.length === 0
      ? []
      : ["    # What its ring hashes.", `    names: { ${names.join(", ")} }`]),
  ];
}

function limitsOf({ client_connections: clients }: Fields): readonly string[] {
  return Number(clients) > 0 ? [`limits: { maxClients: ${Number(clients)} }`] : [];
}

function timesOf({ timeout, tcpkeepalive }: Fields, notes: string[]): readonly string[] {
  const times: string[] = [];
  if (Number(timeout) > 0)
    times.push(`request: ${Number(timeout)}ms`, `connect: ${Number(timeout)}ms`);
  else
    notes.push("no timeout, that is, for ever: the defaults hold (5 s a request, 1 s a connect)");
  if (tcpkeepalive !== true) times.push("keepAlive: 0");
  return times.length === 0 ? [] : [`timeouts: { ${times.join(", ")} }`];
}

function passwordOf({ redis_auth: password }: Fields): string | null {
  return password === undefined ? null : String(password);
}

function usersOf(fields: Fields): readonly string[] {
  const password = passwordOf(fields);
  if (password === null) return [];
  const hash = createHash("sha256").update(password).digest("hex");
  return [
    "# redis_auth: clients must say it, and the servers are told it.",
    `auth: { users: { default: { password: "#${hash}" } } }`,
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function unknownKey(key: string): readonly string[] {
  return known.includes(key) ? [] : [`${key}, which twemproxy 0.5 does not know either`];
}

const known: readonly string[] = [
  ...["listen", "hash", "hash_tag", "distribution", "timeout", "tcpkeepalive", "redis"],
  ...["redis_auth", "redis_db", "client_connections", "servers"],
];

const withoutEquivalent: Readonly<Record<string, readonly string[]>> = {
  auto_eject_hosts: [
    "auto_eject_hosts (and its two settings): a lost server's keys are refused, never looked for elsewhere",
  ],
  server_retry_timeout: [],
  server_failure_limit: [],
  backlog: ["backlog: the system's limit holds"],
  preconnect: ["preconnect: connections are opened for the first request"],
  server_connections: ["server_connections: one connection for each server, database and protocol"],
  reuse_port: ["reuse_port: see `workers`"],
};
