// npm start [-- PROTOCOL] [--port N]: sets up, then runs the main job of packages/host-node.
import "./node-version.mjs";
import { fail, runCaptured, runForeground } from "./run.mjs";
import { ensureServer, howToGet, serversOfProtocol } from "./servers.mjs";
import { setup } from "./setup.mjs";

const args = process.argv.slice(2);
const asksForHelp = args.includes("--help") || args.includes("-h");
const protocol = args[0] && !args[0].startsWith("-") ? args[0] : "redis";

setup();
if (!asksForHelp && protocol === "mqtt") ensureServer("mosquitto");
if (!asksForHelp && protocol === "kafka") fetchKafka();
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

/** Fetches the brokers' jars once; without Java or Maven the main job says what is missing. */
function fetchKafka() {
  const script =
    'const { kafkaJars } = await import("./packages/testkit/src/servers/kafka-jars.ts"); kafkaJars("3.9.1");';
  runCaptured(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]);
}
