/** Secrets show nowhere: everything that a router says to anybody is searched for them, in every form that bytes may take. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { redis } from "@echarde/codec-redis";
import { createRouter, type Effects, encodeUtf8, Secret, type Security } from "@echarde/core";
import { createShardServer } from "@echarde/host-node";
import { encodeCommand, type RedisServer, skipWithout, startRedis } from "@echarde/testkit/servers";
import { portOf, talk } from "./clients.ts";

const skip = skipWithout("redis-server");
const secrets = {
  cluster: "cLuStEr-SeCrEt-1",
  bad: "bAd-SeCrEt-2",
  user: "uSeR-SeCrEt-3",
  guess: "gUeSs-SeCrEt-4",
};
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Fails when the text holds a secret: as it is, in hexadecimal, in base64, as a list of bytes, or hashed. */
function assertClean(what: string, text: string): void {
  assert.ok(text.length > 0, `${what} says nothing`);
  for (const [name, secret] of Object.entries(secrets)) {
    const bytes = Buffer.from(secret);
    const forms = [secret, bytes.toString("hex"), bytes.toString("base64"), [...bytes].join(", ")];
    forms.push([...bytes].join(","), sha(secret), encodeURIComponent(secret));
    for (const form of forms) {
      const at = text.toLowerCase().indexOf(form.toLowerCase());
      assert.ok(
        at < 0,
        `${what} holds the ${name} password: …${text.slice(Math.max(0, at - 80), at + 80)}…`,
      );
    }
  }
}

describe("secrets", { skip }, () => {
  let servers: RedisServer[];
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "echarde-secrets-"));
    servers = await Promise.all([
      startRedis({ args: ["--requirepass", secrets.cluster] }),
      startRedis({ args: ["--requirepass", "another"] }),
    ]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  });

  it("of a router that checks its clients are in no log, metric, report, explanation or reply", async () => {
    // A server that repeats what it does not understand, as Redis does when AUTH is renamed.
    const echo = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        socket.write(`-ERR unknown command ${JSON.stringify(chunk.toString("latin1"))}\r\n`);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    const lines: string[] = [];
    const note = (fields: object, message: string): void => {
      lines.push(`${JSON.stringify(fields)} ${message} ${inspect(fields, { depth: 20 })}`);
    };
    const config = {
      admin: { listen: "127.0.0.1:0" },
      log: { level: "debug", slow: 1 },
      clusters: {
        a: { endpoints: [`127.0.0.1:${servers[0]?.port}`], auth: { password: secrets.cluster } },
        b: { endpoints: [`127.0.0.1:${servers[1]?.port}`], auth: { password: secrets.bad } },
        c: {
          endpoints: [`127.0.0.1:${(echo.address() as { port: number }).port}`],
          auth: { user: "router", password: secrets.bad },
        },
      },
      routes: [
        { prefix: "b:", cluster: "b" },
        { prefix: "c:", cluster: "c" },
      ],
      defaultCluster: "a",
      auth: { users: { u: { password: `#${sha(secrets.user)}` } } },
    };
    const server = await createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      table: config,
      logger: { debug: note, info: note, warn: note, error: note },
    });
    const client = await talk(portOf(server));
    const replies = await client.ask(
      ...[`AUTH ${secrets.guess}`, `AUTH u ${secrets.guess}`, `HELLO 3 AUTH u ${secrets.guess}`],
      ...[
        `AUTH u ${secrets.user}`,
        "SET k v",
        "GET b:1",
        "GET c:1",
        "MGET k b:1 c:1",
        "CLIENT LIST",
      ],
      ...[
        "CONFIG GET *",
        "CLIENT INFO",
        "INFO",
        "DEBUG SLEEP 0",
        "EVAL return 1",
        "BLPOP none 0.1",
      ],
      ...["SUBSCRIBE x", "ACL WHOAMI", "SCRIPT EXISTS a"],
    );
    assert.equal(replies[3], "+OK\r\n");
    assertClean("a reply", replies.join("\n"));
    const admin = server.adminAddress as unknown as { readonly port: number };
    const requests = [`AUTH u ${secrets.guess}`, `HELLO 3 AUTH u ${secrets.guess}`, "GET k"];
    const pages = ["metrics", "healthz", "readyz", "table", "state"].concat(
      requests.map((request) => `explain?request=${encodeURIComponent(request)}`),
    );
    for (const page of pages) {
      const answer = await fetch(`http://127.0.0.1:${admin.port}/${page}`);
      assertClean(`/${page.split("?")[0]}`, `${await answer.text()}.`);
    }
    for (const request of requests) {
      assertClean("explain", inspect(server.explain(request), { depth: 20 }));
    }
    assertClean("stats", inspect(server.stats(), { depth: 20, showHidden: true }));
    assertClean("the server", inspect(server, { depth: 20, showHidden: true, getters: true }));

    // Configurations that are refused.
    const wrong = [
      {
        ...config,
        clusters: { ...config.clusters, d: { endpoints: [], auth: { password: secrets.bad } } },
      },
      { ...config, auth: { users: { u: { password: secrets.user } } } },
      { ...config, auth: { users: { u: { password: [`#${sha(secrets.user)}x`] } } } },
      {
        ...config,
        clusters: { a: { endpoints: ["x"], auth: { password: secrets.bad, passwordEnv: "X" } } },
      },
      { ...config, clusters: { a: { endpoints: ["h:1"], auth: secrets.bad } } },
      { ...config, clusters: { a: { endpoints: ["h:1"], auth: { password: [secrets.bad] } } } },
      { ...config, clusters: { a: { endpoints: ["h:1"], auth: { passwordFile: dir, user: 7 } } } },
    ];
    for (const one of wrong) {
      assert.throws(
        () => server.swap(one),
        (error) => {
          assertClean("an error", inspect(error, { depth: 20, showHidden: true }));
          return true;
        },
      );
    }
    client.close();
    await server.close({ drain: 100 });
    echo.close();
    assertClean("the log", lines.join("\n"));
    assert.match(lines.join("\n"), /link-lost/);
  });

  it("of clients that are passed on are in no log and no report", async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string): void => {
      lines.push(`${JSON.stringify(fields)} ${message}`);
    };
    const server = await createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      admin: { listen: "127.0.0.1:0" },
      log: { slow: 1 },
      table: {
        clusters: { a: { endpoints: [`127.0.0.1:${servers[0]?.port}`] } },
        defaultCluster: "a",
      },
      logger: { debug: note, info: note, warn: note, error: note },
    });
    const client = await talk(portOf(server));
    await client.ask(
      `AUTH ${secrets.guess}`,
      `AUTH ${secrets.cluster}`,
      "SET k v",
      "BLPOP none 0.1",
    );
    await servers[0]?.restart();
    await client.ask("GET k", "BLPOP none 0.1", `HELLO 3 AUTH default ${secrets.cluster}`);
    const admin = server.adminAddress as unknown as { readonly port: number };
    for (const page of ["metrics", "table", "state"]) {
      assertClean(page, await (await fetch(`http://127.0.0.1:${admin.port}/${page}`)).text());
    }
    assertClean("stats", inspect(server.stats(), { depth: 20, showHidden: true }));
    client.close();
    await server.close();
    assertClean("the log", lines.join("\n"));
  });

  it("are not in what an embedder would print", () => {
    const security: Security = {
      credentials: () => ({ user: "", password: new Secret(encodeUtf8(secrets.cluster)) }),
      passes: false,
      users: { rights: () => null, anonymous: null },
    };
    const table = { clusters: { a: { endpoints: ["h:1"] } }, defaultCluster: "a" };
    const shown: unknown[] = [];
    const look = (effects: Effects): Effects => {
      shown.push({ asks: effects.asks, peers: effects.list.map(({ peer }) => peer) });
      return effects;
    };
    for (const router of [
      createRouter({ codec: redis(), table, security }),
      createRouter({ codec: redis(), table }),
    ]) {
      const peer = router.open(1);
      look(router.bytes(peer, encodeCommand("AUTH", "u", secrets.guess), 2));
      const opened = look(router.bytes(peer, encodeCommand("GET", "k"), 3));
      for (const { peer: each } of opened.list)
        if (each.kind === "link") look(router.opened(each, 4));
      shown.push(router, peer, router.upstreams);
    }
    assert.match(inspect(shown, { depth: 20 }), /\(secret\)|Secret/);
    assertClean(
      "inspection",
      inspect(shown, { depth: 30, showHidden: true, maxArrayLength: null }),
    );
    assertClean("JSON", JSON.stringify(shown));
  });

  it("are not in what `echarde check` says of a wrong file", async () => {
    const lines = (password: string): string[] => [
      "protocol: redis",
      "listen: 127.0.0.1:0",
      "clusters:",
      "  a:",
      '    endpoints: ["h:1"]',
      "    auth:",
      `      password: ${password}`,
      "defaultCluster: a",
    ];
    const forms = [`*${secrets.bad}`, `!${secrets.bad}`, `[${secrets.bad}]`, `"${secrets.bad}`];
    forms.push(
      `|${secrets.bad}`,
      `>${secrets.bad}`,
      `@${secrets.bad}`,
      `%${secrets.bad}`,
      `{ ${secrets.bad}: 1 }`,
      `&${secrets.bad}`,
    );
    for (const form of forms) {
      const file = join(dir, "wrong.yaml");
      writeFileSync(file, `${lines(form).join("\n")}\n`);
      const said = await check(file);
      assertClean(form.slice(0, 1), said);
      assert.match(said, /wrong\.yaml:\d+:\d+: /);
    }
  });
});

function check(file: string): Promise<string> {
  const cli = new URL("../../packages/host-node/src/cli.ts", import.meta.url).pathname;
  const args = ["--conditions=source", "--import", "tsx", cli, "check", file];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}
