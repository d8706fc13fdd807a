/** `npm start`: real servers of our own, the router in front of them, and a live table. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { exitCodes } from "../cli/exit-codes.ts";
import { runInfluxJob } from "./influx-job.ts";
import { runKafkaJob } from "./kafka-job.ts";
import { runMqttJob } from "./mqtt-job.ts";
import { runRedisJob } from "./redis-job.ts";

/** The jobs that there are, with their usual ports. */
const jobs: Readonly<Record<string, { readonly run: typeof runRedisJob; readonly port: number }>> =
  {
    redis: { run: runRedisJob, port: 6400 },
    mqtt: { run: runMqttJob, port: 1884 },
    influx: { run: runInfluxJob, port: 8087 },
    kafka: { run: runKafkaJob, port: 9192 },
  };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command("npm start --")
    .description("Starts servers of its own and a router in front of them; Ctrl-C ends all.")
    .argument("[protocol]", "redis, mqtt, influx or kafka", "redis")
    .option(
      "-p, --port <number>",
      "port of the router on 127.0.0.1; 0 = any free one (default: 6400, for mqtt 1884, for influx 8087, for kafka 9192)",
      port,
    )
    .exitOverride()
    .action(async (protocol: string, options: { readonly port?: number }) => {
      const job = Object.hasOwn(jobs, protocol) ? jobs[protocol] : undefined;
      code = job === undefined ? refuse(protocol) : await job.run(options.port ?? job.port);
    });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? code : exitCodes.usage;
  }
  return code;
}

function refuse(protocol: string): number {
  const words = `no such protocol: ${protocol}. There are: ${Object.keys(jobs).join(", ")}`;
  process.stderr.write(`${words}\n`);
  return exitCodes.usage;
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}
