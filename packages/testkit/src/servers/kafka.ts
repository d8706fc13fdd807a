import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type KafkaVersion, kafkaJars } from "./kafka-jars.ts";
import { freePort } from "./ports.ts";
import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";

/** How to start a broker. */
export interface KafkaOptions {
  /** Release; default the first of `kafkaVersions`. */
  readonly version?: KafkaVersion;
  /** More lines of its properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Users of SASL PLAIN and their passwords; without any the broker takes everybody. */
  readonly users?: Readonly<Record<string, string>>;
  /** Id of the cluster, 16 bytes in base64url, the same for all its nodes. Default: a random one. */
  readonly clusterId?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A Kafka cluster of one node, id 1, of our own. */
export interface KafkaServer extends RunningProgram {
  /** Its release. */
  readonly version: KafkaVersion;
}

/**
 * Starts a cluster of one node (KRaft, 256 MB of heap) and waits until it knows itself.
 *
 * @throws Error when Java is not installed, the jars cannot be had, or it does not start
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const { version = "3.9.1", users = {} } = options;
  const java = available("java");
  if (java === null) throw new Error("java is not installed");
  const classPath = join(kafkaJars(version), "*");
  const controller = await freePort();
  const program = await startProgram({
    name: "kafka",
    program: java,
    ...(options.port === undefined ? {} : { port: options.port }),
    readyTimeout: 120_000,
    prepare: async (port, dir) => {
      const file = join(dir, "kafka.properties");
      const lines = { ...propertiesOf(port, controller, dir, users), ...options.properties };
      const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(file, text.join(""));
      writeFileSync(join(dir, "log4j.properties"), log4j);
      if (!existsSync(join(dir, "data", "meta.properties"))) {
        const id = options.clusterId ?? `A${randomBytes(16).toString("base64url").slice(1)}`;
        const format = ["kafka.tools.StorageTool", "format", "-t", id, "-c", file];
        await run(java, ["-Xmx96m", ...jvm(dir), "-cp", classPath, ...format]);
      }
      return ["-Xmx256m", ...jvm(dir), "-cp", classPath, "kafka.Kafka", file];
    },
    ready: (port, host) =>
      Object.keys(users).length > 0 ? Promise.resolve(true) : knowsItself(port, host),
  });
  return Object.assign(program, { version });
}

const run = promisify(execFile);

function jvm(dir: string): string[] {
  return [
    ...["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"],
    `-Dlog4j.configuration=file:${join(dir, "log4j.properties")}`,
    "-Dlog4j2.level=WARN",
  ];
}

const log4j = `log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n
`;

/** Node id 1 always: clusters behind a router have equal ids as a rule. */
function propertiesOf(
  port: number,
  controller: number,
  dir: string,
  users: Readonly<Record<string, string>>,
): Record<string, string> {
  const [[user, password] = ["", ""]] = Object.entries(users);
  const all = Object.entries(users).map(([name, secret]) => ` user_${name}="${secret}"`);
  const sasl = {
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "listener.name.client.plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}"${all.join("")};`,
  };
  const protocol = user === "" ? "PLAINTEXT" : "SASL_PLAINTEXT";
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `CLIENT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,CLIENT:${protocol}`,
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "auto.create.topics.enable": "false",
    "log.dirs": join(dir, "data"),
    ...(user === "" ? {} : sasl),
  };
}

/** An open port is not readiness: the metadata must name a broker. */
function knowsItself(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    let reply = Buffer.alloc(0);
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(5_000, () => done(false));
    // Metadata, version 1, correlation id 0, no client id, no topics.
    socket.once("connect", () => socket.write("0000000e0003000100000000ffff00000000", "hex"));
    socket.on("data", (chunk: Buffer) => {
      reply = Buffer.concat([reply, chunk]);
      if (reply.length >= 12) done(reply.readInt32BE(8) > 0);
    });
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}
