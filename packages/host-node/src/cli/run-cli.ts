import { Command, CommanderError, InvalidArgumentError } from "commander";
import { type Address, parseAddress } from "../address.ts";
import { mostWorkers } from "../config/host-settings.ts";
import { readBytes, readMilliseconds } from "../config/units.ts";
import { checkFile } from "./check-file.ts";
import { exitCodes } from "./exit-codes.ts";
import { explainRequest } from "./explain-request.ts";
import { hashLine } from "./hash-password.ts";
import { newCodec } from "./new-codec.ts";
import { type Output, standardOutput } from "./output.ts";
import { replay } from "./replay.ts";
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
    .option("-w, --workers <number>", "must be 1: one process is recorded", workers)
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
    .command("hash")
    .description("read a password from standard input and print its hash, for users of `auth`")
    .action(async () => {
      code = await hashLine(output);
    });
  program
    .command("top")
    .description("show the traffic of a running server, from its admin port")
    .argument("[admin]", "its admin port (default: 127.0.0.1:9900)", adminAddress)
    .option("-i, --interval <time>", "between states, as in 500ms or 2s", interval, 1_000)
    .action(async (given: Address | undefined, options: { readonly interval: number }) => {
      const admin = given ?? adminAddress("127.0.0.1:9900");
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

function workers(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= mostWorkers) return value;
  throw new InvalidArgumentError(`Workers are a number from 1 to ${mostWorkers}.`);
}

function address(text: string, before: readonly string[] | undefined): readonly string[] {
  if (parseAddress(text) !== null) return [...(before ?? []), text];
  throw new InvalidArgumentError("An address is host:port, [v6]:port or unix:/path.");
}

function adminAddress(text: string): Address {
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
