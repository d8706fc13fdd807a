/** TLS on both sides of a router: real redis-servers with TLS ports, certificates made for the test. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { redis } from "@echarde/codec-redis";
import { ConfigError } from "@echarde/core";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import {
  available,
  type RunningProgram,
  skipWithout,
  startProgram,
  startRedis,
} from "@echarde/testkit/servers";
import { type Authority, makeAuthority, type PairFiles } from "./certificates.ts";
import { portOf, talk, talkTls } from "./clients.ts";

const skip = skipWithout("redis-server", "openssl");

/** A redis-server that speaks nothing but TLS; with `clients` it wants a certificate. */
function startTlsRedis(ca: string, pair: PairFiles, clients: boolean): Promise<RunningProgram> {
  return startProgram({
    name: "redis-tls",
    program: available("redis-server") ?? "",
    prepare: (port, dir) => [
      ...["--port", "0", "--tls-port", String(port), "--bind", "127.0.0.1", "--dir", dir],
      ...["--tls-cert-file", pair.cert, "--tls-key-file", pair.key, "--tls-ca-cert-file", ca],
      ...["--tls-auth-clients", clients ? "yes" : "no", "--save", ""],
    ],
  });
}

describe("TLS", { skip }, () => {
  let authority: Authority;
  let other: Authority;
  before(() => {
    authority = makeAuthority();
    other = makeAuthority("other");
  });
  after(() => {
    authority.remove();
    other.remove();
  });

  describe("towards clusters", () => {
    let servers: RunningProgram[];
    let own: PairFiles;
    before(async () => {
      const pair = authority.issue("redis.test", "DNS:redis.test,IP:127.0.0.1");
      own = authority.issue("router", "DNS:router");
      servers = await Promise.all([
        startTlsRedis(authority.ca, pair, false),
        startTlsRedis(authority.ca, pair, true),
      ]);
    });
    after(() => Promise.all(servers.map((server) => server.stop())));

    const router = (tls: unknown, index = 0): Promise<ShardServer> =>
      createShardServer({
        codec: redis(),
        listen: "127.0.0.1:0",
        timeouts: { connect: 2_000 },
        table: {
          clusters: { a: { endpoints: [`127.0.0.1:${servers[index]?.port}`], tls } },
          defaultCluster: "a",
        },
      });

    async function asked(tls: unknown, index = 0): Promise<string> {
      const server = await router(tls, index);
      const client = await talk(portOf(server));
      try {
        return (await client.ask("PING", "SET k v"))[1] ?? "";
      } finally {
        client.close();
        await server.close();
      }
    }

    it("carries requests, small and large, in any number", async () => {
      const server = await router({ ca: authority.ca });
      const client = await talk(portOf(server));
      const large = "x".repeat(3 << 20);
      assert.deepEqual(await client.ask(`SET large ${large}`, "STRLEN large"), [
        "+OK\r\n",
        `:${large.length}\r\n`,
      ]);
      assert.deepEqual(await client.ask("GET large"), [`$${large.length}\r\n${large}\r\n`]);
      const many = Array.from({ length: 2_000 }, (_, i) => `SET k${i} v${i}`);
      assert.ok((await client.ask(...many)).every((reply) => reply === "+OK\r\n"));
      const gets = Array.from({ length: 2_000 }, (_, i) => `GET k${i}`);
      const values = await client.ask(...gets);
      values.forEach((reply, i) => {
        assert.equal(reply, `$${`v${i}`.length}\r\nv${i}\r\n`);
      });
      client.close();
      await server.close();
    });

    it("expects the name of the endpoint, or the one that it is told", async () => {
      assert.equal(await asked({ ca: authority.ca, serverName: "redis.test" }), "+OK\r\n");
      assert.match(
        await asked({ ca: authority.ca, serverName: "elsewhere.test" }),
        /^-ERR .*\(cluster a\)/,
      );
    });

    it("believes no certificate of another authority, unless told so", async () => {
      assert.match(await asked({ ca: other.ca }), /^-ERR .*\(cluster a\)/);
      assert.match(await asked(true), /^-ERR .*\(cluster a\)/);
      assert.equal(await asked({ ca: other.ca, rejectUnauthorized: false }), "+OK\r\n");
    });

    it("shows its own certificate to a cluster that wants one", async () => {
      assert.equal(await asked({ ca: authority.ca, ...own }, 1), "+OK\r\n");
      assert.match(await asked({ ca: authority.ca }, 1), /^-ERR .*\(cluster a\)/);
    });

    it("does not speak without TLS to one that has it", async () => {
      const silent = createServer((socket) => socket.on("error", () => {}));
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const heard: string[] = [];
      silent.on("connection", (socket) => {
        socket.on("data", (chunk: Buffer) => {
          heard.push(chunk.toString("latin1"));
          socket.destroy();
        });
      });
      const { port } = silent.address() as { port: number };
      const server = await createShardServer({
        codec: redis(),
        listen: "127.0.0.1:0",
        table: {
          clusters: {
            a: { endpoints: [`127.0.0.1:${port}`], tls: true, auth: { password: "pw" } },
          },
          defaultCluster: "a",
        },
      });
      const client = await talk(portOf(server));
      assert.match((await client.ask("GET k"))[0] ?? "", /^-ERR upstream/);
      assert.ok(
        heard.length > 0 && heard.every((bytes) => bytes.startsWith("\x16\x03")),
        "a ClientHello",
      );
      client.close();
      await server.close();
      silent.close();
    });
  });

  describe("towards clients", () => {
    let plain: RunningProgram;
    before(async () => {
      plain = await startRedis();
    });
    after(() => plain.stop());

    const start = (tls: unknown): Promise<ShardServer> =>
      createShardServer({
        codec: redis(),
        listen: "127.0.0.1:0",
        table: {
          tls,
          clusters: { a: { endpoints: [`127.0.0.1:${plain.port}`] } },
          defaultCluster: "a",
        },
      });

    it("carries requests, small and large", async () => {
      const server = await start(authority.issue("router", "IP:127.0.0.1"));
      const client = await talkTls(portOf(server), { ca: authority.pem });
      const large = "y".repeat(3 << 20);
      assert.deepEqual(await client.ask("SET k v", "GET k", `SET large ${large}`, "GET large"), [
        "+OK\r\n",
        "$1\r\nv\r\n",
        "+OK\r\n",
        `$${large.length}\r\n${large}\r\n`,
      ]);
      assert.deepEqual(await client.ask("QUIT"), ["+OK\r\n"]);
      await client.closed();
      await server.close();
    });

    it("answers a client without TLS with nothing that is Redis's", async () => {
      const server = await start(authority.issue("router", "IP:127.0.0.1"));
      const client = await talk(portOf(server));
      let bytes = "";
      client.socket.removeAllListeners("data").on("data", (chunk: Buffer) => {
        bytes += chunk.toString("latin1");
      });
      client.socket.write("*1\r\n$4\r\nPING\r\n");
      await client.closed();
      assert.doesNotMatch(bytes, /PONG|ERR/);
      await server.close();
    });

    it("refuses a version that is too old", async () => {
      const pair = authority.issue("router", "IP:127.0.0.1");
      const server = await start({ ...pair, minVersion: "TLSv1.3" });
      await assert.rejects(talkTls(portOf(server), { ca: authority.pem, maxVersion: "TLSv1.2" }));
      const client = await talkTls(portOf(server), { ca: authority.pem });
      assert.equal((client.socket as TLSSocket).getProtocol(), "TLSv1.3");
      client.close();
      await server.close();
    });

    it("wants a certificate of its authority when it has one", async () => {
      const pair = authority.issue("router", "IP:127.0.0.1");
      const good = authority.issue("client", "DNS:client");
      const bad = other.issue("client", "DNS:client");
      const server = await start({ ...pair, ca: authority.ca });
      const port = portOf(server);
      const client = await talkTls(port, { ca: authority.pem, ...files(good) });
      assert.deepEqual(await client.ask("PING"), ["+PONG\r\n"]);
      client.close();
      // With TLS 1.3 a client learns only behind its handshake that it is refused.
      for (const shown of [{}, files(bad)]) {
        await assert.rejects(async () => {
          const refused = await talkTls(port, { ca: authority.pem, ...shown });
          await refused.ask("PING");
        });
      }
      assert.equal(server.stats().accepted, 1);
      await server.close();
    });

    it("gives the certificate of the name that is asked for", async () => {
      const server = await start({
        ...authority.issue("main.test", "DNS:main.test"),
        names: {
          "a.test": authority.issue("a.test", "DNS:a.test"),
          "*.b.test": authority.issue("b.test", "DNS:*.b.test"),
        },
      });
      const subject = async (servername: string): Promise<string> => {
        const options = { ca: authority.pem, servername, checkServerIdentity: () => undefined };
        const client = await talkTls(portOf(server), options);
        const { CN } = (client.socket as TLSSocket).getPeerCertificate().subject;
        client.close();
        return String(CN);
      };
      assert.equal(await subject("a.test"), "a.test");
      assert.equal(await subject("A.TEST"), "a.test");
      assert.equal(await subject("x.b.test"), "b.test");
      assert.equal(await subject("b.test"), "main.test");
      assert.equal(await subject("unknown.test"), "main.test");
      await server.close();
    });

    it("takes new certificates over, and drops no connection", async () => {
      const dir = authority.dir;
      const put = (pair: PairFiles): void => {
        copyFileSync(pair.cert, join(dir, "live.pem"));
        copyFileSync(pair.key, join(dir, "live.key"));
      };
      const first = authority.issue("first", "IP:127.0.0.1");
      put(first);
      copyFileSync(authority.ca, join(dir, "clients.pem"));
      const tls = {
        cert: join(dir, "live.pem"),
        key: join(dir, "live.key"),
        ca: join(dir, "clients.pem"),
      };
      const server = await start(tls);
      const port = portOf(server);
      const mine = files(authority.issue("client", "DNS:client"));
      const connect = (): ReturnType<typeof talkTls> =>
        talkTls(port, { ca: authority.pem, ...mine });
      const name = (client: Awaited<ReturnType<typeof connect>>): string =>
        String((client.socket as TLSSocket).getPeerCertificate().subject.CN);
      const old = await connect();
      await old.ask("PING");
      const session = (old.socket as TLSSocket).getSession();
      assert.equal(name(old), "first");
      assert.deepEqual(server.secretFiles.length, 3);

      put(authority.issue("second", "IP:127.0.0.1"));
      server.reloadSecrets();
      const next = await connect();
      assert.equal(name(next), "second");
      assert.deepEqual(
        [await old.ask("PING"), await next.ask("PING")],
        [["+PONG\r\n"], ["+PONG\r\n"]],
      );

      writeFileSync(join(dir, "live.key"), "no key");
      assert.throws(() => server.reloadSecrets(), /tls\.key: holds no private key in PEM form/);
      assert.equal(name(await connect()), "second");

      // Another authority of clients: who was welcome is not any more, not even by an old session.
      put(authority.issue("third", "IP:127.0.0.1"));
      copyFileSync(other.ca, join(dir, "clients.pem"));
      server.reloadSecrets();
      await assert.rejects(async () => {
        await (await connect()).ask("PING");
      });
      await assert.rejects(async () => {
        const options = { ca: authority.pem, ...mine, ...(session ? { session } : {}) };
        await (await talkTls(port, options)).ask("PING");
      });
      assert.deepEqual(await old.ask("PING"), ["+PONG\r\n"]);
      old.close();
      next.close();
      await server.close();
    });

    it("says what is wrong with a file, and where the setting is", async () => {
      const pair = authority.issue("router", "IP:127.0.0.1");
      const strange = authority.issue("strange", "IP:127.0.0.1");
      const wrong: readonly (readonly [unknown, RegExp])[] = [
        [{ ...pair, cert: "/nowhere.pem" }, /^tls\.cert: \/nowhere\.pem: there is no such file$/],
        [{ ...pair, cert: pair.key }, /^tls\.cert: holds no certificate in PEM form$/],
        [{ ...pair, key: pair.cert }, /^tls\.key: holds no private key in PEM form$/],
        [{ ...pair, key: strange.key }, /^tls\.key: is not the key of the certificate in `cert`$/],
        [{ cert: pair.cert }, /^tls: needs `key`$/],
        [{ ...pair, ca: pair.key }, /^tls\.ca: holds no certificate/],
        [{ ...pair, clientCert: "required" }, /^tls\.clientCert: needs `ca`/],
        [{ ...pair, minVersion: "SSLv3" }, /^tls\.minVersion: must be TLSv1\.2 or TLSv1\.3$/],
        [{ ...pair, certs: 1 }, /^tls\.certs: unknown key; did you mean cert\?$/],
        [
          { ...pair, names: { "a.test": { cert: pair.cert } } },
          /^tls\.names\.a\.test: needs `key`$/,
        ],
      ];
      for (const [tls, words] of wrong) {
        await assert.rejects(start(tls), (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, words);
          return true;
        });
      }
    });
  });
});

function files(pair: PairFiles): { cert: string; key: string } {
  const read = (file: string): string => readFileSync(file, "utf8");
  return { cert: read(pair.cert), key: read(pair.key) };
}
