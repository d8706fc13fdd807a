// npm run bench -- PROTOCOL [--quick] [--json FILE]: sets up, builds, and runs the benchmark on the
// built code, which is what users get.
import "./node-version.mjs";
import { delimiter, dirname } from "node:path";
import { fail, runForeground, runInherited, say } from "./run.mjs";
import { ensureServer, findServer, howToGet, serversOfProtocol } from "./servers.mjs";
import { setup } from "./setup.mjs";

/** What a benchmark needs; MQTT can be started, but not measured, without Mosquitto. @type {Readonly<Record<string, readonly string[]>>} */
const needed = {
  ...serversOfProtocol,
  mqtt: ["mosquitto"],
  kafka: [],
  envoy: ["redis-server", "envoy"],
};

/** Peers that a benchmark does without when they are missing. @type {Record<string, readonly string[]>} */
const peersOfProtocol = { redis: ["nutcracker"] };
/** Peers that take part when they are there, and are fetched when they are asked for. @type {Record<string, readonly string[]>} */
const largePeers = { redis: ["envoy"] };

const args = process.argv.slice(2);
const protocol = args[0] ?? "";
if (!Object.hasOwn(needed, protocol)) {
  fail(`usage: npm run bench -- ${Object.keys(needed).join("|")} [--quick] [--json FILE]`);
}

setup();
/** @type {string[]} */
const folders = [];
for (const name of needed[protocol] ?? []) {
  const server = ensureServer(name);
  if (server.problem !== undefined) fail(...howToGet(server));
  folders.push(dirname(server.path));
}
for (const name of peersOfProtocol[protocol] ?? []) {
  const peer = ensureServer(name);
  if (peer.problem === undefined) folders.push(dirname(peer.path));
  else for (const line of [...howToGet(peer), "Going on without it."]) say(line);
}
const asked = args.includes("--all") ? "envoy" : (args[args.indexOf("--only") + 1] ?? "");
for (const name of largePeers[protocol] ?? []) {
  const peer = asked.split(",").includes(name) ? ensureServer(name) : findServer(name);
  if (peer.problem === undefined) folders.push(dirname(peer.path));
  else if (asked.split(",").includes(name)) fail(...howToGet(peer));
  else say(`without ${name}: --only or --all fetches it`);
}
const built = runInherited(process.execPath, ["node_modules/typescript/bin/tsc", "-b"]);
if (built !== 0) process.exit(built);
process.exit(
  await runForeground(["--import", "tsx", "bench/src/main.ts", ...args], {
    env: { PATH: [process.env["PATH"], ...folders].join(delimiter) },
  }),
);
