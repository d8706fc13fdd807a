/** What stands in deploy/: checked by the programs that check such files, where they are. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { readConfig } from "./config/load.ts";

const folder = fileURLToPath(new URL("../../../deploy/", import.meta.url));
const manifests = readdirSync(join(folder, "kubernetes")).map((name) =>
  join(folder, "kubernetes", name),
);

interface Manifest {
  readonly kind?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Of a program that is not in PATH. */
function without(program: string): string | false {
  const found = (process.env["PATH"] ?? "").split(delimiter).some((dir) => {
    const { error } = spawnSync(join(dir, program), ["--version"], { stdio: "ignore" });
    return error === undefined;
  });
  return found ? false : `${program} is not installed`;
}

function passes(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

describe("deploy", () => {
  test("the configurations in the manifests can be served", async () => {
    for (const file of manifests) {
      const documents = parseAllDocuments(readFileSync(file, "utf8"));
      const all = documents.map((document) => document.toJS() as Manifest);
      const map = all.find(({ kind }) => kind === "ConfigMap");
      const { problems, config } = await readConfig(map?.data?.["echarde.yaml"] ?? "");
      assert.deepEqual(problems, [], file);
      assert.ok(config !== null, file);
    }
  });

  test("kubernetes-validate", { skip: without("kubernetes-validate") }, () => {
    for (const file of manifests) passes("kubernetes-validate", ["--strict", file]);
  });

  test("hadolint", { skip: without("hadolint") }, () => {
    passes("hadolint", [join(folder, "Dockerfile")]);
  });

  test("systemd-analyze verify", { skip: without("systemd-analyze") }, () => {
    passes("systemd-analyze", ["verify", "--man=no", join(folder, "echarde.service")]);
  });
});
