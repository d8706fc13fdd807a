/** Messages of the generated code, read and written by Kafka's own classes: byte for byte the same. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { available, kafkaJars, skipWithout, skipWithoutKafka } from "@echarde/testkit/servers";
import { readSpecs } from "../../packages/codec-kafka/scripts/specs.ts";
import { apis } from "../../packages/codec-kafka/src/generated/apis.ts";
import { refusals } from "../../packages/codec-kafka/src/generated/refusals.ts";
import { Reader } from "../../packages/codec-kafka/src/wire/reader.ts";
import { Writer } from "../../packages/codec-kafka/src/wire/writer.ts";
import { randomBody, randomOf } from "../../packages/codec-kafka/test/spec-bytes.ts";

test("Kafka's classes read every message that the codec writes", {
  skip: skipWithoutKafka() || skipWithout("javac"),
}, () => {
  const lines: string[] = [];
  for (const spec of readSpecs().messages) {
    const api = apis.find(({ key }) => key === spec.apiKey);
    assert.ok(api !== undefined, spec.name);
    for (let version = api.min; version <= api.max; version++) {
      for (let seed = 0; seed < 5; seed++) {
        const bytes = randomBody(spec, version, randomOf(seed * 7919 + version));
        const writer = new Writer();
        if (spec.type === "request") {
          api.writeRequest(writer, api.readRequest(new Reader(bytes), version), version);
        } else api.writeResponse(writer, api.readResponse(new Reader(bytes), version), version);
        const hex = Buffer.concat(writer.finish()).toString("hex");
        lines.push(`${spec.type} ${spec.apiKey} ${version} ${hex}`);
      }
    }
  }
  for (const { key, from, to, body } of refusals) {
    for (let version = from; version <= to; version++) {
      lines.push(`response ${key} ${version} ${body}`);
    }
  }
  const java = spawnSync(
    available("java") ?? "java",
    [
      ...["-cp", join(kafkaJars("3.9.1"), "*")],
      fileURLToPath(new URL("RoundTrip.java", import.meta.url)),
    ],
    { input: lines.join("\n"), encoding: "utf8", maxBuffer: 64 << 20 },
  );
  assert.equal(java.status, 0, java.stderr.slice(0, 2_000));
  const answers = java.stdout.trimEnd().split("\n");
  assert.equal(answers.length, lines.length);
  for (const [i, line] of lines.entries()) {
    assert.equal(answers[i], line.split(" ")[3], line.slice(0, 40));
  }
});
