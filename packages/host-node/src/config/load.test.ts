import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readConfig } from "./load.ts";
import { suggest } from "./suggest.ts";
import { readBytes, readMilliseconds } from "./units.ts";

const good = `protocol: redis
listen: [127.0.0.1:6400, "unix:/tmp/e.sock"]
limits: { maxClients: 5, maxRequest: 1MiB }
timeouts:
  request: 2s
  minBackoff: 10
  retire: 1m
localCluster: redis1
clusters:
  redis1: { endpoints: ["127.0.0.1:7001"] }
  redis2:
    endpoints: ["127.0.0.1:7002"]
routes:
  - { key: user1, cluster: redis2 }
  - { hash: crc16-slots, over: { redis1: 1, redis2: 1 } }
`;

async function problemsOf(text: string): Promise<string[]> {
  const { problems } = await readConfig(text);
  return problems.map(
    ({ line, column, severity, message }) => `${line}:${column}: ${severity}: ${message}`,
  );
}

describe("a configuration", () => {
  test("is read into what a server takes", async () => {
    const { problems, config } = await readConfig(good);
    assert.deepEqual(problems, []);
    assert.deepEqual(config?.settings, {
      listen: [
        { type: "tcp", host: "127.0.0.1", port: 6400 },
        { type: "unix", path: "/tmp/e.sock" },
      ],
      limits: { maxRequest: 1 << 20, requestTimeout: 2_000, minBackoff: 10, drainTimeout: 60_000 },
      maxClients: 5,
      keepAlive: 60_000,
      drain: 5_000,
      admin: { listen: null, ready: "any" },
      log: { level: "info", slow: 100 },
      spansAtLeast: Number.POSITIVE_INFINITY,
      workers: 1,
      stateDir: null,
    });
    assert.equal(config?.protocol.codec.name, "redis");
  });

  test("keys for those who operate it", async () => {
    const of = async (more: string): Promise<unknown> =>
      (await readConfig(`${good}\n${more}\n`)).config?.settings;
    const settings = await of(
      "admin: { listen: 127.0.0.1:9900, ready: each }\nlog: { level: debug, slow: 0 }",
    );
    assert.deepEqual(settings, {
      ...((await of("")) as object),
      admin: { listen: { type: "tcp", host: "127.0.0.1", port: 9900 }, ready: "each" },
      log: { level: "debug", slow: Number.POSITIVE_INFINITY },
    });
  });

  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    [
      "an unknown key",
      "timeouts:",
      "timeout:",
      /^4:1: error: timeout: unknown key; did you mean timeouts\?$/,
    ],
    [
      "a mistyped limit",
      "maxClients: 5",
      "maxclient: 5",
      /^3:11: error: limits\.maxclient: unknown key; did you mean maxClients\?$/,
    ],
    [
      "an admin port without an address",
      "timeouts:",
      "admin: { listen: 9900 }\ntimeouts:",
      /^4:18: error: admin\.listen: must be host:port/,
    ],
    [
      "a word that is none of those known",
      "timeouts:",
      "log: { level: loud }\ntimeouts:",
      /^4:15: error: log\.level: must be silent or error or warn or info or debug$/,
    ],
    [
      "a time without a known unit",
      "request: 2s",
      "request: 2 sec",
      /^5:12: error: timeouts\.request: must be a time: /,
    ],
    [
      "a limit of nothing",
      "maxClients: 5",
      "maxClients: 0",
      /^3:23: error: limits\.maxClients: must be a whole number, at least 1$/,
    ],
    [
      "back-off upside down",
      "minBackoff: 10",
      "minBackoff: 1h",
      /^4:1: error: timeouts: minBackoff \(3600000 ms\) is above maxBackoff \(500 ms\)$/,
    ],
    ["a bad address", "127.0.0.1:6400", "6400", /^2:10: error: listen\[0\]: must be host:port/],
    [
      "an unknown protocol",
      "protocol: redis",
      "protocol: rediss",
      /^1:11: error: protocol: unknown protocol "rediss"; did you mean redis\?$/,
    ],
    [
      "a missing protocol",
      "protocol: redis",
      "# none",
      /^2:1: error: protocol: is missing; known: influx, kafka, mqtt, redis$/,
    ],
    [
      "an unknown cluster in a rule",
      "user1, cluster: redis2",
      "user1, cluster: redis9",
      /^14:28: error: routes\[0\]\.cluster: unknown cluster redis9/,
    ],
    [
      "a bad endpoint",
      "127.0.0.1:7002",
      "127.0.0.1",
      /^12:17: error: clusters\.redis2\.endpoints\[0\]: bad address/,
    ],
    ["tls without a certificate", "listen:", "tls: {}\nlisten:", /^2:1: error: tls: needs `cert`$/],
    [
      "users that are none",
      "listen:",
      "auth:\n  users: []\nlisten:",
      /^3:10: error: auth\.users: must be a map$/,
    ],
    [
      "an option that the protocol does not have",
      "listen:",
      "options: { crossslot: slot }\nlisten:",
      /^2:\d+: error: options/,
    ],
    ["YAML that is none", "limits: {", "limits: {{", /^4:1: error: Flow map /],
    [
      "a key twice",
      "localCluster: redis1",
      "protocol: redis",
      /^8:1: error: Map keys must be unique/,
    ],
    [
      "a tab as indentation",
      "  request: 2s",
      "\trequest: 2s",
      /^5:1: error: Tabs are not allowed as indentation/,
    ],
  ];
  for (const [name, from, to, expected] of wrong) {
    test(`with ${name} is an error with its place`, async () => {
      assert.ok(good.includes(from));
      const problems = await problemsOf(good.replace(from, to));
      assert.match(problems[0] ?? "no problem", expected);
      assert.equal((await readConfig(good.replace(from, to))).config, null);
    });
  }

  test("reports everything at once, by place", async () => {
    const problems = await problemsOf(
      good.replace("request:", "requests:").replace("listen:", "lisen:"),
    );
    assert.deepEqual(
      problems.map((problem) => problem.split(" ")[0]),
      ["2:1:", "5:3:"],
    );
  });

  test("is used in spite of warnings", async () => {
    const { problems, config } = await readConfig(
      good.replace("redis2:\n", "idle: { endpoints: [127.0.0.1:7009] }\n  redis2:\n"),
    );
    assert.deepEqual(
      problems.map(({ severity, line }) => [severity, line]),
      [["warning", 11]],
    );
    assert.ok(config);
  });

  test("finds places behind anchors", async () => {
    const text = good
      .replace("{ key: user1, cluster: redis2 }", "&rule { key: user1, cluster: nobody }")
      .concat("  - *rule\n");
    assert.match(
      (await problemsOf(text))[0] ?? "",
      /^14:\d+: error: routes\[0\]\.cluster: unknown cluster nobody/,
    );
  });

  for (const text of ["", "- a\n", "just words\n"]) {
    test(`${JSON.stringify(text)} is none`, async () => {
      assert.match((await problemsOf(text))[0] ?? "", /^1:1: error: a configuration is a map/);
    });
  }
});

test("units", () => {
  assert.deepEqual(["64MiB", "1.5 KiB", 7, "7B", "1GiB"].map(readBytes), [
    64 << 20,
    1536,
    7,
    7,
    1 << 30,
  ]);
  assert.deepEqual(
    ["5s", 5, "1.5m", "10 ms", "1h"].map(readMilliseconds),
    [5000, 5, 90_000, 10, 3_600_000],
  );
  for (const bad of ["", "5", "5 kb", "-1s", "1e3ms", -1, 0.5, null, true, "0.3B"]) {
    assert.equal(readBytes(bad), null, String(bad));
    assert.equal(readMilliseconds(bad), null, String(bad));
  }
});

test("suggestions are near or none", () => {
  const known = ["listen", "limits", "timeouts", "routes"];
  assert.equal(suggest("lsiten", known), "listen");
  assert.equal(suggest("Timeout", known), "timeouts");
  assert.equal(suggest("clusters", known), null);
});
