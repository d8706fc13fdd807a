/** `echarde run` of two workers with certificates and users in files: changed while it runs, in all of them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { skipWithout } from "@echarde/testkit/servers";
import { type Running, startRunning } from "../../packages/host-node/test/running.ts";
import { type Authority, makeAuthority } from "./certificates.ts";
import { type Talk, talkTls } from "./clients.ts";

describe("two workers", { skip: skipWithout("redis-server", "openssl") }, () => {
  let authority: Authority;
  let running: Running;
  const files = (name: string): string => join(authority.dir, name);

  /** Puts a certificate of this name where the configuration looks. */
  function certify(name: string): void {
    const { cert, key } = authority.issue(name, "IP:127.0.0.1");
    copyFileSync(cert, files("live.pem"));
    copyFileSync(key, files("live.key"));
  }

  function admit(prefix: string): void {
    const hash = createHash("sha256").update("app-secret").digest("hex");
    const user = { password: `#${hash}`, prefixes: [prefix] };
    writeFileSync(files("users.yaml"), JSON.stringify({ app: user }));
  }

  before(async () => {
    authority = makeAuthority();
    certify("first");
    admit("a:");
    running = await startRunning(2, [
      "workers: 2",
      `tls: { cert: "${files("live.pem")}", key: "${files("live.key")}" }`,
      `auth: { file: "${files("users.yaml")}" }`,
    ]);
  });
  after(async () => {
    await running?.end();
    authority?.remove();
  });

  async function enter(): Promise<Talk> {
    const client = await talkTls(running.port, { ca: authority.pem });
    assert.deepEqual(await client.ask("AUTH app app-secret"), ["+OK\r\n"]);
    return client;
  }

  const nameOf = ({ socket }: Talk): string =>
    String((socket as TLSSocket).getPeerCertificate().subject.CN);

  /** Waits until so many new connections in a row, which go to the workers in turn, are as wanted. */
  async function all(wanted: (client: Talk) => Promise<boolean> | boolean): Promise<void> {
    const by = Date.now() + 30_000;
    for (let inRow = 0; inRow < 4; ) {
      const client = await enter();
      try {
        inRow = (await wanted(client)) ? inRow + 1 : 0;
      } finally {
        client.close();
      }
      assert.ok(Date.now() < by, "a worker has not heard of it");
    }
  }

  it("give the certificate that is in the file, and drop no connection when it changes", async () => {
    const old = [await enter(), await enter()];
    try {
      assert.deepEqual(old.map(nameOf), ["first", "first"]);
      certify("second");
      await all((client) => nameOf(client) === "second");
      writeFileSync(files("live.key"), "no key");
      await running.command.until(/live\.key|tls\.key/);
      await all((client) => nameOf(client) === "second");
      certify("third");
      await all((client) => nameOf(client) === "third");
      for (const client of old) assert.deepEqual(await client.ask("SET a:1 x"), ["+OK\r\n"]);
    } finally {
      for (const client of old) client.close();
    }
  });

  it("take users over", async () => {
    const client = await enter();
    try {
      const [refused] = await client.ask("GET b:1");
      assert.match(refused ?? "", /^-NOPERM /);
      admit("b:");
      await all(async (each) => (await each.ask("GET b:1"))[0] === "$-1\r\n");
      assert.deepEqual(await client.ask("GET b:1"), ["$-1\r\n"], "with its next request");
      const [gone] = await client.ask("GET a:1");
      assert.match(gone ?? "", /^-NOPERM /);
    } finally {
      client.close();
    }
  });

  it("never log what is secret", () => {
    assert.doesNotMatch(running.command.output(), /app-secret|BEGIN/);
  });
});
