/** Envoy and the bridge over TLS, each with a certificate that the other one asks for, as `echarde emit` writes it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Bridge, startBridge } from "@echarde/host-node";
import {
  available,
  connectRaw,
  type EnvoyServer,
  encodeCommand,
  freePort,
  type RedisServer,
  startEnvoy,
  startRedis,
} from "@echarde/testkit/servers";
import { testModule } from "../../packages/host-proxy-wasm/scripts/build/build-module.ts";
import { type Authority, makeAuthority } from "../security/certificates.ts";
import { skip } from "./mesh.ts";

const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));

describe("TLS between Envoy and the bridge", { skip, timeout: 240_000 }, () => {
  let servers: readonly RedisServer[] = [];
  let authority: Authority;
  let stranger: Authority;
  let module: Uint8Array;
  /** The file of bridge and `emit`; the same without `tls`. */
  let file = "";
  let plain = "";
  /** Folders of Envoy's certificates: its own, those of another authority. */
  let own = "";
  let foreign = "";
  before(async () => {
    module = await testModule();
    servers = await Promise.all([startRedis(), startRedis()]);
    authority = makeAuthority();
    stranger = makeAuthority();
    const { cert, key } = authority.issue("bridge", "IP:127.0.0.1,DNS:bridge.example");
    const configuration = {
      protocol: "redis",
      clusters: Object.fromEntries(
        servers.map(({ port }, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
      ),
      routes: [{ prefix: "b:", cluster: "redis2" }],
      ...{ localCluster: "redis1", defaultCluster: "redis1" },
    };
    file = join(authority.dir, "echarde.json");
    plain = join(authority.dir, "plain.json");
    const tls = { cert, key, ca: authority.ca, clientCert: "required" };
    writeFileSync(file, JSON.stringify({ ...configuration, tls }));
    writeFileSync(plain, JSON.stringify(configuration));
    const folderOf = (name: string, signer: Authority): string => {
      const folder = join(authority.dir, name);
      const pair = signer.issue("envoy", "DNS:envoy");
      mkdirSync(folder);
      copyFileSync(pair.cert, join(folder, "tls.crt"));
      copyFileSync(pair.key, join(folder, "tls.key"));
      copyFileSync(authority.ca, join(folder, "ca.crt"));
      return folder;
    };
    own = folderOf("own", authority);
    foreign = folderOf("foreign", stranger);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    authority?.remove();
    stranger?.remove();
  });

  const node = ["--conditions=source", "--import", "tsx", cli, "emit"];
  const emitted = (...args: readonly string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [...node, ...args], { encoding: "utf8" }));
  const refused = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [2, ""]);
    return stderr;
  };

  /** Bridge and Envoy for the time of the run. */
  const between = async (
    route: "frame" | "grpc",
    options: readonly string[],
    run: (envoy: EnvoyServer, bridge: Bridge) => Promise<void>,
  ): Promise<void> => {
    const port = await freePort();
    const address = { type: "tcp", host: "127.0.0.1", port } as const;
    const { tls, ...table } = JSON.parse(readFileSync(file, "utf8"));
    const bridge = await startBridge({
      table,
      ...(route === "grpc" ? { grpc: address } : { listen: address }),
      tls: {
        cert: readFileSync(tls.cert, "utf8"),
        key: readFileSync(tls.key, "utf8"),
        ...{ ca: authority.pem, clientCert: "required", minVersion: "TLSv1.2", names: new Map() },
      },
    });
    try {
      const envoy = await startEnvoy({
        bootstrap: ({ port: listen, adminPort, dir }) => {
          const path = join(dir, "echarde.wasm");
          writeFileSync(path, module);
          return emitted(
            ...["envoy", file, "--route", route, "--module", path, ...options],
            ...["--listen", `127.0.0.1:${listen}`, "--admin", `127.0.0.1:${adminPort}`],
            ...["--bridge", `127.0.0.1:${port}`],
          );
        },
      });
      try {
        await run(envoy, bridge);
      } finally {
        await envoy.stop();
      }
    } finally {
      await bridge.close();
    }
  };

  for (const route of ["frame", "grpc"] as const) {
    for (const name of [[], ["--bridge-name", "bridge.example"]]) {
      test(`${route}: requests get through, ${name[1] ?? "by address"}`, async () => {
        await between(route, ["--bridge-tls", own, ...name], async ({ port }, bridge) => {
          const client = await connectRaw(port);
          try {
            client.send(encodeCommand("MSET", "a:1", "one", "b:1", "two"));
            client.send(encodeCommand("MGET", "b:1", "a:1"));
            const replies = await client.replies(2, 60_000);
            assert.equal(
              Buffer.concat(replies).toString(),
              "+OK\r\n*2\r\n$3\r\ntwo\r\n$3\r\none\r\n",
            );
            assert.ok(bridge.stats().accepted > 0, "through this bridge");
          } finally {
            await client.close();
          }
        });
      });
    }

    test(`${route}: a bridge of another name, and an Envoy of another authority, get nothing`, async () => {
      for (const options of [
        ["--bridge-tls", own, "--bridge-name", "other.example"],
        ["--bridge-tls", foreign],
      ]) {
        await between(route, options, async ({ port }, bridge) => {
          const client = await connectRaw(port);
          try {
            client.send(encodeCommand("GET", "a:1"));
            await assert.rejects(client.reply(60_000), "no answer");
            assert.equal(client.ended, true, "the connection is closed");
            assert.equal(bridge.stats().accepted, 0);
          } finally {
            await client.close();
          }
        });
      }
    });
  }

  test("Envoy takes it for all routes that have something beside it", () => {
    for (const route of ["frame", "grpc", "router"]) {
      const bootstrap = join(authority.dir, `${route}.json`);
      const path = join(authority.dir, "echarde.wasm");
      writeFileSync(path, module);
      const options = ["--route", route, "--module", path, "--bridge-tls", own];
      writeFileSync(bootstrap, JSON.stringify(emitted("envoy", file, ...options)));
      execFileSync(
        available("envoy") ?? "envoy",
        ["--mode", "validate", "-c", bootstrap, "--log-level", "error"],
        { stdio: "pipe", timeout: 60_000 },
      );
    }
  });

  test("what could not speak with each other is not written", () => {
    const tls = ["--bridge-tls", own];
    assert.match(refused("envoy", file), /the file has `tls`.*give --bridge-tls/);
    assert.match(refused("istio", file), /the file has `tls`.*take it out/);
    assert.match(refused("compose", file), /the file has `tls`.*take it out/);
    assert.match(refused("envoy", plain, ...tls), /the file has no `tls`/);
    assert.match(refused("envoy", file, ...tls, "--route", "sticky"), /--bridge-tls is for envoy/);
    assert.match(refused("istio", file, ...tls), /--bridge-tls is for envoy/);
    assert.match(refused("envoy", plain, "--bridge-name", "x"), /goes with --bridge-tls/);
    assert.match(
      refused("envoy", file, ...tls, "--bridge", "unix:/run/bridge.sock"),
      /--bridge-name says which one/,
    );
  });
});
