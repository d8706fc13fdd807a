import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { available } from "./programs.ts";

/** Releases of Apache Kafka that the tests run against. */
export const kafkaVersions = ["3.9.1", "4.3.1"] as const;

/** One of {@link kafkaVersions}. */
export type KafkaVersion = (typeof kafkaVersions)[number];

/**
 * The folder with the jars of a release, brokers and tools: `.cache/kafka/VERSION` of the workspace.
 * Fetches them with Maven when they are not there, which takes about a minute and 50 MB.
 *
 * @throws Error when Java or Maven are missing, or Maven fails
 */
export function kafkaJars(version: KafkaVersion): string {
  const folder = join(cacheFolder(), version);
  if (existsSync(folder) && readdirSync(folder).length > 0) return folder;
  const maven = available("mvn");
  if (maven === null) throw new Error("Maven (mvn) is not installed");
  // Its own folder until it is whole: two processes may fetch at the same time.
  const part = `${folder}.part-${process.pid}`;
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, "pom.xml"), pomOf(version));
  const jars = join(part, "jars");
  try {
    const args = [
      ...["-q", "-B", "-f", join(part, "pom.xml"), "dependency:copy-dependencies"],
      ...["-DincludeScope=runtime", `-DoutputDirectory=${jars}`],
    ];
    execFileSync(maven, args, { stdio: ["ignore", "ignore", "pipe"], timeout: 600_000 });
    try {
      renameSync(jars, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // another process was quicker
    }
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return folder;
}

/**
 * The value for the `skip` option of `node:test`: false when brokers can be started, else the reason.
 *
 * @throws Error when they cannot and `ECHARDE_REQUIRE` names `kafka`
 */
export function skipWithoutKafka(): string | false {
  const reason = whyNot();
  if (reason === null) return false;
  const names = (process.env["ECHARDE_REQUIRE"] ?? "").split(/[\s,]+/);
  if (names.includes("kafka")) throw new Error(`${reason}, and ECHARDE_REQUIRE names kafka`);
  return reason;
}

function whyNot(): string | null {
  if (available("java") === null) return "not installed: java";
  for (const version of kafkaVersions) {
    try {
      kafkaJars(version);
    } catch (error) {
      return `no jars of Kafka ${version}: ${(error as Error).message.slice(0, 500)}`;
    }
  }
  return null;
}

function cacheFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "pnpm-workspace.yaml"))) {
    const up = dirname(folder);
    if (up === folder) return join(process.cwd(), ".cache", "kafka"); // not in its workspace
    folder = up;
  }
  return join(folder, ".cache", "kafka");
}

function pomOf(version: string): string {
  const unused = ["connect-runtime", "connect-api", "connect-json", "connect-transforms"]
    .map(
      (name) =>
        `<exclusion><groupId>org.apache.kafka</groupId><artifactId>${name}</artifactId></exclusion>`,
    )
    .join("\n");
  const dependency = (group: string, name: string, of: string, exclusions = ""): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${of}</version>${exclusions}</dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>echarde</groupId><artifactId>kafka-jars</artifactId><version>1</version>
<dependencies>
${dependency("org.apache.kafka", "kafka_2.13", version)}
${dependency("org.apache.kafka", "kafka-tools", version, `<exclusions>${unused}</exclusions>`)}
${dependency("org.slf4j", "slf4j-reload4j", "1.7.36")}
</dependencies>
</project>
`;
}
