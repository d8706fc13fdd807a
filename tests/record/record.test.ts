/** Traces of MQTT, Kafka and InfluxDB, and of several workers: what is in them, what is not, what another table changes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  connectRaw,
  encodeCommand,
  freePort,
  skipWithout,
  skipWithoutKafka,
  startInfluxd,
  startKafka,
  startMosquitto,
  startRedis,
} from "@echarde/testkit/servers";
import { Kafka, logLevel } from "kafkajs";
import { connectAsync } from "mqtt";
import { Recording } from "./recording.ts";

const secret = "s3cret-value";

/** Lines of a configuration with clusters `a`, which has the rest, and `b`. */
function config(
  protocol: string,
  ports: readonly (number | undefined)[],
  routes: readonly string[],
  more: readonly string[] = [],
): readonly string[] {
  const [a, b] = ports;
  return [
    `protocol: ${protocol}`,
    "defaultCluster: a",
    "localCluster: a",
    `clusters: { a: { endpoints: ["127.0.0.1:${a}"] }, b: { endpoints: ["127.0.0.1:${b}"] } }`,
    `routes: [${routes.join(", ")}]`,
    ...more,
  ];
}

const listen = ["listen: 127.0.0.1:0"];

/** The lists that replay gives for another table, its sums apart. */
async function elsewhere(
  recording: Recording,
  file: string,
): Promise<{ readonly lines: readonly string[]; readonly sums: string }> {
  const out = await recording.replay(file);
  return { lines: out.slice(0, -1).sort(), sums: out.at(-1) ?? "" };
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const by = Date.now() + 180_000;
  while (!(await holds())) {
    assert.ok(Date.now() < by, `never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a trace of MQTT", { skip: skipWithout("mosquitto") }, () => {
  test("has topics and filters, decoded by mqtt-packet, and no message or password", async () => {
    const recording = new Recording();
    const brokers = await Promise.all([startMosquitto(), startMosquitto()]);
    try {
      const ports = brokers.map(({ port }) => port);
      const one = ["{ prefix: alert, cluster: b }"];
      const file = recording.file("e.yaml", config("mqtt", ports, one, listen));
      const port = await recording.start(file);
      for (const protocolVersion of [4, 5] as const) {
        const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
          ...{ protocolVersion, clientId: `pump-${protocolVersion}`, reconnectPeriod: 0 },
          ...{ username: "ann", password: Buffer.from(secret) },
          will: { topic: "alert/gone", payload: Buffer.from(secret), qos: 1, retain: false },
        });
        try {
          await client.subscribeAsync(["alert/+", "state/#"]);
          await client.publishAsync("state/1", secret, { qos: 1 });
          await client.publishAsync("alert/1", secret, {
            ...{ qos: 2, retain: true },
            ...(protocolVersion === 5 ? { properties: { userProperties: { who: secret } } } : {}),
          });
          await client.unsubscribeAsync("state/#");
        } finally {
          await client.endAsync(true);
        }
      }
      assert.match(await recording.stop(), /recorded .*: \d+ packets/);
      assert.ok(!readFileSync(recording.trace).includes(secret), "neither message nor password");
      const shown = (await recording.replay()).map((line) => line.replace(/^\+[\d.]+ ms /, ""));
      for (const version of [4, 5]) {
        const hello = `CONNECT "pump-${version}" protocol=${version} clean=true user="ann" will="alert/gone"`;
        assert.ok(
          shown.some((line) => line.startsWith(`b: ${hello} (`)),
          shown.join("\n"),
        );
      }
      const count = (start: string): number =>
        shown.filter((line) => line.startsWith(start)).length;
      assert.equal(count('b: PUBLISH "alert/1" qos=2 retain ('), 2, shown.join("\n"));
      assert.equal(count('a: PUBLISH "state/1" qos=1 ('), 2, shown.join("\n"));
      assert.equal(count('b: SUBSCRIBE "alert/+" qos=0'), 2, shown.join("\n"));
      assert.equal(count('a: UNSUBSCRIBE "state/#"'), 2, shown.join("\n"));

      const same = await elsewhere(recording, file);
      assert.deepEqual(same.lines, []);
      assert.match(same.sums, /; 0 would go elsewhere, 0 cannot be planned/);
      const rules = ["{ prefix: state, cluster: b }"];
      const session =
        "options: { sessions: [{ clientId: { prefix: pump-5 }, user: ann, cluster: a }] }";
      const moved = recording.file("moved.yaml", config("mqtt", ports, rules, [session]));
      const other = await elsewhere(recording, moved);
      assert.deepEqual(other.lines, [
        'PUBLISH "alert/1": b -> a (default cluster)',
        'PUBLISH "alert/1": b -> a (sessions[0]: client id "pump-5"…, user "ann": default cluster)',
        'PUBLISH "state/1": a -> b (prefix "state")',
        'SUBSCRIBE "alert/+": b -> a (filter) (2 times)',
        'SUBSCRIBE "state/#": a -> b (filter)',
        'UNSUBSCRIBE "state/#": a -> b (filter)',
      ]);
    } finally {
      recording.end();
      await Promise.all(brokers.map((broker) => broker.stop()));
    }
  });
});

describe("a trace of InfluxDB", { skip: skipWithout("influxd") }, () => {
  test("has series and queries, and no field, text or password", async () => {
    const recording = new Recording();
    const servers = await Promise.all([startInfluxd(), startInfluxd()]);
    try {
      const ports = servers.map(({ port }) => port);
      const one = ["{ prefix: d/cpu, cluster: b }"];
      const file = recording.file("e.yaml", config("influx", ports, one, listen));
      const port = await recording.start(file);
      const ask = async (path: string, body: string | URLSearchParams): Promise<void> => {
        const headers = { authorization: `Token ann:${secret}` };
        const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
          ...{ method: "POST", body, headers },
        });
        const text = await reply.text();
        assert.ok(reply.ok && !text.includes('"error"'), text);
      };
      const asked = async (q: string): Promise<void> =>
        ask(`/query?db=d&u=ann&p=${secret}`, new URLSearchParams({ q }));
      await asked("CREATE DATABASE d");
      await ask(
        `/write?db=d&u=ann&p=${secret}`,
        [
          `cpu,host=h\\ 1 text="${secret}\n${secret}, x=",v=1 1000000000`,
          `# ${secret}`,
          "mem,host=h1 v=2",
          "mem,host=h1 v=3 5",
          `disk text="\\"${secret} a=1"`,
        ].join("\n"),
      );
      await asked(`SELECT v FROM mem WHERE text = '${secret}'`);
      await asked("SELECT mean(v) FROM cpu, mem WHERE time > '2020-01-01' GROUP BY host");
      await asked(`CREATE USER bob WITH PASSWORD '${secret}'`);
      await recording.stop();
      assert.ok(!readFileSync(recording.trace).includes(secret), "neither field nor password");
      const shown = (await recording.replay()).map((line) => line.replace(/^\+[\d.]+ ms /, ""));
      const text = shown.join("\n");
      assert.match(text, /^b: POST \/write\?db=d "cpu,host=h\\\\ 1" \(\d+ bytes\)$/m);
      assert.match(text, /^a: POST \/write\?db=d "mem,host=h1" "disk" \(\d+ bytes\)$/m);
      assert.match(text, /^a: POST \/query\?db=d.* "SELECT v FROM mem WHERE text = ''"$/m);
      assert.match(text, /'2020-01-01/);

      const same = await elsewhere(recording, file);
      assert.deepEqual(same.lines, []);
      const rules = [...one, "{ key: d/disk, cluster: b }"];
      const moved = recording.file("moved.yaml", config("influx", ports, rules));
      const other = await elsewhere(recording, moved);
      assert.deepEqual(other.lines, ['write "d/disk": a -> b (key "d/disk")']);
      assert.match(other.sums, /; 1 would go elsewhere/);
    } finally {
      recording.end();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

describe("a trace of Kafka", { skip: skipWithoutKafka() }, () => {
  test("has topics with partitions and groups, and no record", async () => {
    const recording = new Recording();
    const broker = await startKafka();
    try {
      // The same broker twice: what goes where is a matter of the table alone.
      const ports = [broker.port, broker.port];
      const one = ["{ prefix: b-, cluster: b }"];
      const port = await freePort();
      const advertised = `advertised: "127.0.0.1:${port}"`;
      const file = recording.file(
        "e.yaml",
        config("kafka", ports, one, [`listen: 127.0.0.1:${port}`, `options: { ${advertised} }`]),
      );
      await recording.start(file);
      const client = new Kafka({
        ...{ clientId: "trace", brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING },
        retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 400 },
      });
      const admin = client.admin();
      const producer = client.producer();
      const consumer = client.consumer({ groupId: "readers", heartbeatInterval: 500 });
      try {
        await admin.connect();
        const topics = ["b-orders", "audit"];
        await admin.createTopics({
          waitForLeaders: false, // which gives up where a topic is not known yet
          topics: topics.map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
        });
        await until("the topics are known", async () => {
          const known = await admin.fetchTopicMetadata({ topics }).catch(() => null);
          const leaders = known?.topics.flatMap(({ partitions }) => partitions) ?? [];
          return leaders.length === 4 && leaders.every(({ leader }) => leader >= 0);
        });
        await producer.connect();
        for (const topic of topics) {
          const messages = [0, 1].map((partition) => ({ partition, key: secret, value: secret }));
          await producer.send({ topic, messages });
        }
        await consumer.connect();
        await consumer.subscribe({ topics, fromBeginning: true });
        let read = 0;
        await consumer.run({
          eachMessage: async () => {
            read += 1;
          },
        });
        await until("four messages are read", () => read === 4);
      } finally {
        await consumer.disconnect();
        await producer.disconnect();
        await admin.disconnect();
      }
      await recording.stop();
      assert.ok(!readFileSync(recording.trace).includes(secret), "no record");
      const text = (await recording.replay()).join("\n");
      assert.match(
        text,
        /^\+[\d.]+ ms b: Produce v\d+ topic "b-orders" \[[01, ]+\] \(\d+ bytes\)$/m,
      );
      assert.match(text, /^\+[\d.]+ ms a: Fetch v\d+ topic "audit" \[[01, ]+\] \(\d+ bytes\)$/m);
      assert.match(text, /^\+[\d.]+ ms a: JoinGroup v\d+ group "readers" \(\d+ bytes\)$/m);

      const same = await elsewhere(recording, file);
      assert.deepEqual(same.lines, [], same.sums);
      assert.match(same.sums, /; 0 would go elsewhere, 0 cannot be planned/);
      const rules = [...one, "{ key: audit, cluster: b }"];
      const homes = [`options: { ${advertised}, groups: [{ key: readers, cluster: b }] }`];
      const moved = recording.file("moved.yaml", config("kafka", ports, rules, homes));
      const { lines } = await elsewhere(recording, moved);
      assert.ok(
        lines.some((line) =>
          /^Produce topic "audit" \[[01, ]+\]: a -> b \(key "audit"\)/.test(line),
        ),
        lines.join("\n"),
      );
      assert.ok(
        lines.some((line) => /^JoinGroup group "readers": a -> b \(home of the group\)/.test(line)),
        lines.join("\n"),
      );
      assert.ok(!lines.some((line) => line.includes("b-orders")), lines.join("\n"));
    } finally {
      recording.end();
      await broker.stop();
    }
  });
});

describe("a trace of several workers", { skip: skipWithout("redis-server") }, () => {
  test("has the packets of all of them, and none twice, up to its bound", async () => {
    const recording = new Recording();
    const servers = await Promise.all([startRedis(), startRedis()]);
    try {
      const ports = servers.map(({ port }) => port);
      const file = recording.file(
        "e.yaml",
        config("redis", ports, ["{ prefix: 'b:', cluster: b }"], listen),
      );
      for (const [bound, isFull] of [
        ["1MiB", false],
        ["4KiB", true],
      ] as const) {
        const port = await recording.start(file, "--workers", "2", "--bytes", bound);
        const clients = await Promise.all([0, 1, 2, 3].map(() => connectRaw(port)));
        try {
          for (const [i, client] of clients.entries()) {
            const sets = Array.from({ length: 50 }, (_, n) =>
              encodeCommand("SET", `${n % 2 === 0 ? "a" : "b"}:${i}:${n}`, secret),
            );
            client.send(Buffer.concat(sets));
            await client.replies(50);
          }
        } finally {
          for (const client of clients) await client.close();
        }
        const said = await recording.stop();
        const bytes = readFileSync(recording.trace);
        assert.ok(!bytes.includes(secret), "no value");
        const shown = await recording.replay();
        const keys = shown.flatMap((line) => /"SET" "(\S+)"/.exec(line)?.[1] ?? []);
        assert.equal(new Set(keys).size, keys.length, "none twice");
        const same = await elsewhere(recording, file);
        assert.deepEqual(same.lines, []);
        if (isFull) {
          assert.ok(bytes.length <= 4_096 && keys.length > 10, `${bytes.length} bytes`);
          assert.match(said, /the bound of the trace was reached/);
        } else {
          assert.equal(keys.length, 200, said);
        }
      }
    } finally {
      recording.end();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});
