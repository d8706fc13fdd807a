import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Address, parseAddress, parseListenAddress } from "../address.ts";
import { mostWorkers } from "../config/host-settings.ts";
import { readBytes, readMilliseconds } from "../config/units.ts";
import { checkFile } from "./check-file.ts";
import { type EmitCommand, type EmitKind, emit, emitKinds, emitRoutes } from "./emit.ts";
import { exitCodes } from "./exit-codes.ts";
import { explainRequest } from "./explain-request.ts";
import { hashLine } from "./hash-password.ts";
import { importFile } from "./import-file.ts";
import { newCodec } from "./new-codec.ts";
import { type Output, standardOutput } from "./output.ts";
import { replay } from "./replay.ts";
import { type BridgeCommand, runBridge } from "./run-bridge.ts";
import { type RunOptions, runFile } from "./run-file.ts";
import { top } from "./top.ts";

/**
 * Runs the command `echarde`. Resolves with the exit code: 0 done, 1 failed,
 * 2 bad command line, 3 bad configuration, 4 ended before all clients had their answers.
 */
export async function runCli(
  args: readonly string[],
  output: Output = standardOutput,
): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command("echarde")
    .description("One address for several independent clusters.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.err(text.trimEnd()),
    });
  program
    .command("run")
    .description("serve clients as the file says, until SIGINT or SIGTERM")
    .argument("<file>", "YAML file")
    .option("-p, --port <number>", "listen on this port of 127.0.0.1 instead", port)
    .option("-l, --listen <address...>", "listen here instead: host:port or unix:/path", address)
    .option(
      "-w, --workers <number>",
      "processes that serve clients, instead of the file's",
      workers,
    )
    .action(async (file: string, options: RunOptions) => {
      code = await runFile(file, options, output);
    });
  program
    .command("record")
    .description("as run, with what goes to the clusters written into a trace")
    .argument("<file>", "YAML file")
    .requiredOption("-t, --to <file>", "the trace; values are left out, keys are not")
    .option("--bytes <amount>", "its bound, as in 64MiB", amount, 16 << 20)
    .option("--values", "record values, too")
    .option("-p, --port <number>", "listen on this port of 127.0.0.1 instead", port)
    .option(
      "-w, --workers <number>",
      "processes that serve clients, instead of the file's: one trace of all",
      workers,
    )
    .action(async (file: string, { to, bytes, values, ...options }: RecordCommand) => {
      const record = { file: to, bytes, values: values ?? false };
      code = await runFile(file, { ...options, record }, output);
    });
  program
    .command("replay")
    .description("show a trace; with a YAML file, what its table would send elsewhere")
    .argument("<trace>", "what echarde record has written")
    .argument("[file]", "YAML file")
    .action(async (trace: string, file: string | undefined) => {
      code = await replay(trace, file, output);
    });
  program
    .command("check")
    .description("read the file and say what is wrong with it, with line and column")
    .argument("<file>", "YAML file")
    .action(async (file: string) => {
      code = await checkFile(file, output);
    });
  program
    .command("explain")
    .description("say where a request would go and by which rule, without sending it")
    .argument("<file>", "YAML file")
    .argument("<request>", 'one line of the protocol, as in "GET user1"')
    .action(async (file: string, request: string) => {
      code = await explainRequest(file, request, output);
    });
  program
    .command("new")
    .description("lay out a package to start from")
    .command("codec")
    .description("a codec for another protocol, in a new folder: its tests say what to write next")
    .argument("<name>", "small letters, digits and hyphens")
    .action(async (name: string) => {
      code = await newCodec(name, output);
    });
  program
    .command("import")
    .description("print the configuration that takes the place of another proxy's")
    .argument("<proxy>", "nutcracker", from)
    .argument("<file>", "its configuration, as nutcracker.yml")
    .option("--pool <name>", "which pool, if there are several")
    .action(async (_proxy: string, file: string, options: { readonly pool?: string }) => {
      code = await importFile(file, options.pool ?? null, output);
    });
  program
    .command("bridge")
    .description("own the connections to the clusters for the module in Envoy (docs/envoy.md)")
    .argument("<file>", "YAML file: only its clusters are connected to")
    .option("-l, --listen <address>", "take frames over TCP here (default: 127.0.0.1:9911)", place)
    .option("-g, --grpc <address>", "take frames as gRPC here", place)
    .option("-a, --admin <address>", "show health and counters over HTTP here", place)
    .action(async (file: string, options: BridgeCommand) => {
      code = await runBridge(file, options, output);
    });
  program
    .command("emit")
    .description("write a configuration with the module in it, made from the routing table")
    .addArgument(new Argument("<kind>", "what to write").choices(emitKinds))
    .argument("<file>", "YAML file")
    .addOption(
      new Option("-r, --route <route>", "see docs/envoy.md").choices(emitRoutes).default("frame"),
    )
    .option(
      "-m, --module <path>",
      "the module, where Envoy runs",
      "/etc/echarde/echarde-redis.wasm",
    )
    .option("-l, --listen <address>", "where clients connect", place, place("0.0.0.0:6379"))
    .option("-b, --bridge <address>", "where the bridge listens, or the router", place)
    .option(
      "--bridge-tls <folder>",
      "speak TLS with it: folder of Envoy's tls.crt, tls.key and ca.crt (envoy)",
    )
    .option("--bridge-name <name>", "that its certificate must bear (default: its host)")
    .option("-a, --admin <address>", "Envoy's admin (envoy)", place)
    .option("-e, --ecds <path>", "file of the filter's configuration, for live changes (envoy)")
    .option("-n, --name <name>", "name of the filter (default: the protocol)")
    .option("--namespace <name>", "Kubernetes namespace (istio)")
    .option("-s, --sources <file>", "clusters of connections without a key, YAML (sticky)")
    .action(async (kind: EmitKind, file: string, options: EmitCommand) => {
      code = await emit(kind, file, options, output);
    });
  program
    .command("hash")
    .description("read a password from standard input and print its hash, for users of `auth`")
    .action(async () => {
      code = await hashLine(output);
    });
  program
    .command("top")
    .description("show the traffic of a running server, from its admin port")
    .argument("[admin]", "its admin port (default: 127.0.0.1:9900)", place)
    .option("-i, --interval <time>", "between states, as in 500ms or 2s", interval, 1_000)
    .action(async (given: Address | undefined, options: { readonly interval: number }) => {
      const admin = given ?? place("127.0.0.1:9900");
      code = await top({ admin, interval: options.interval, stream: process.stdout }, output);
    });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? code : exitCodes.usage;
    if (!isSystemError(error)) throw error;
    output.err(`echarde: ${error.message}`);
    return exitCodes.failed;
  }
  return code;
}

interface RecordCommand extends RunOptions {
  readonly to: string;
  readonly bytes: number;
  readonly values?: boolean;
}

function amount(text: string): number {
  const bytes = readBytes(/^\d+$/.test(text) ? Number(text) : text);
  if (bytes !== null && bytes >= 1_024) return bytes;
  throw new InvalidArgumentError("Bytes are a number of at least 1024, or a text such as 64MiB.");
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}

function from(text: string): string {
  if (text === "nutcracker") return text;
  throw new InvalidArgumentError("There is: nutcracker.");
}

function workers(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= mostWorkers) return value;
  throw new InvalidArgumentError(`Workers are a number from 1 to ${mostWorkers}.`);
}

function address(text: string, before: readonly string[] | undefined): readonly string[] {
  if (parseListenAddress(text) !== null) return [...(before ?? []), text];
  throw new InvalidArgumentError(
    "An address is host:port, [v6]:port, unix:/path or ws://host:port/path.",
  );
}

function place(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed !== null) return parsed;
  throw new InvalidArgumentError("An address is host:port, [v6]:port or unix:/path.");
}

function interval(text: string): number {
  const milliseconds = readMilliseconds(/^\d+$/.test(text) ? Number(text) : text);
  if (milliseconds !== null && milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError(
    "An interval is milliseconds, or a text such as 2s (ms, s, m, h).",
  );
}
