// npm start [-- PROTOCOL] [--port N]: sets up, then runs the main job of packages/host-node.
import "./node-version.mjs";
import { fail, runForeground } from "./run.mjs";
import { ensureServer, howToGet, serversOfProtocol } from "./servers.mjs";
import { setup } from "./setup.mjs";

const args = process.argv.slice(2);
const asksForHelp = args.includes("--help") || args.includes("-h");
const protocol = args[0] && !args[0].startsWith("-") ? args[0] : "redis";

setup();
if (!asksForHelp && protocol === "mqtt") ensureServer("mosquitto");
if (!asksForHelp) {
  for (const name of serversOfProtocol[protocol] ?? []) {
    const server = ensureServer(name);
    if (server.problem !== undefined) fail(...howToGet(server));
  }
}
process.exit(
  await runForeground([
    "--conditions=source",
    "--import",
    "tsx",
    "packages/host-node/src/start/main.ts",
    ...args,
  ]),
);
