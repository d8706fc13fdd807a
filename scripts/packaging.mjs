// Packs what would be published and treats it as a user would: publint and attw on the tarballs,
// then an install into an empty folder outside the workspace, where everything is imported, required
// and type-checked.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { cache, listFiles, listPackages, readJson, root } from "./paths.mjs";
import { runCaptured } from "./run.mjs";
import { capturePnpm } from "./setup.mjs";

const packages = listPackages().filter((each) => !each.isPrivate);
/** @type {string[]} */
const problems = [];

const packed = join(cache, "packed");
rmSync(packed, { recursive: true, force: true });
mkdirSync(packed, { recursive: true });
/** @type {Record<string, string>} */
const tarballs = {};
for (const { folder, name } of packages) {
  const { status, output } = capturePnpm(
    ["pack", "--json", "--pack-destination", packed],
    join(root, folder),
  );
  if (status !== 0) stop(`packing ${name} failed`, output);
  tarballs[name] = JSON.parse(output.slice(output.indexOf("{"))).filename;
}

const attw = bin("@arethetypeswrong/cli", "attw");
for (const { name, manifest } of packages) {
  const bytes = readFileSync(/** @type {string} */ (tarballs[name]));
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({
    pack: { tarball },
    strict: true,
  });
  for (const message of messages) {
    if (message.type === "suggestion") continue;
    problems.push(`publint ${name}: ${formatMessage(message, manifest, { color: false })}`);
  }
  // A package that is only a command has no types to look at.
  if (!Object.keys(manifest.exports ?? {}).some((key) => key !== "./package.json")) continue;
  const looked = runCaptured(process.execPath, [
    attw,
    /** @type {string} */ (tarballs[name]),
    "--profile=esm-only",
    "--no-color",
    "--no-emoji",
    "--format=ascii",
  ]);
  if (looked.status !== 0) problems.push(`attw ${name}:\n${looked.output.trim()}`);
}

const user = mkdtempSync(join(tmpdir(), "echarde-user-"));
try {
  useAsUser(user);
} finally {
  rmSync(user, { recursive: true, force: true });
}

if (problems.length > 0) stop(...problems);
process.stdout.write(
  `${packages.length} packages: ${packages.map(({ name }) => name).join(", ")}\n`,
);

/** Installs the tarballs and uses every entry point. @param {string} folder empty, outside the workspace */
function useAsUser(folder) {
  const dependencies = Object.fromEntries(
    Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]),
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      type: "module",
      dependencies: { ...dependencies, tsx: "^4.23.0" },
      pnpm: { overrides: dependencies },
    }),
  );
  // Taken from pnpm's store, where the workspace's install has put them: works without a network.
  const installed = capturePnpm(
    ["install", "--prefer-offline", "--ignore-scripts", "--no-lockfile"],
    folder,
  );
  if (installed.status !== 0) {
    problems.push(`the packed packages cannot be installed:\n${installed.output.trim()}`);
    return;
  }
  const entries = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports ?? {})
      .filter(([key, target]) => key !== "./package.json" && !isProgram(manifest, target.default))
      .map(([key]) => name + key.slice(1)),
  );
  const imports = entries.map(
    (entry, index) => `import * as module${index} from ${JSON.stringify(entry)};\n`,
  );
  const uses = entries.map((_, index) => `console.assert(typeof module${index} === "object");\n`);
  writeFileSync(join(folder, "imports.mjs"), imports.concat(uses).join(""));
  writeFileSync(
    join(folder, "types.ts"),
    imports.concat(entries.map((_, i) => `void module${i};\n`)).join(""),
  );
  writeFileSync(
    join(folder, "requires.cjs"),
    entries.map((entry) => `require(${JSON.stringify(entry)});\n`).join(""),
  );
  attempt(folder, "import", ["imports.mjs"]);
  attempt(folder, "require", ["--no-warnings", "requires.cjs"]);
  attempt(folder, "types", [
    bin("typescript", "tsc"),
    ..."--noEmit --strict --module nodenext --target es2022 --skipLibCheck false".split(" "),
    ...["--types", "node", "--typeRoots", join(root, "node_modules/@types"), "types.ts"],
  ]);
  for (const { folder: from, manifest } of packages) {
    for (const command of Object.keys(manifest.bin ?? {})) {
      const { status, output } = runCaptured(join(folder, "node_modules/.bin", command), [
        "--help",
      ]);
      if (status !== 0) problems.push(`packed packages, ${command} --help:\n${output.trim()}`);
    }
    for (const file of listFiles(`${from}/smoke`, (path) => path.endsWith(".mjs"))) {
      const copy = join(folder, file.replaceAll("/", "-"));
      writeFileSync(copy, readFileSync(join(root, file)));
      attempt(folder, file, [copy]);
    }
  }
}

/**
 * Whether importing the file does something: those are run, not imported.
 * @param {any} manifest @param {string} file
 */
function isProgram({ sideEffects }, file) {
  return Array.isArray(sideEffects) && sideEffects.includes(file);
}

/** @param {string} folder @param {string} what @param {string[]} args to node */
function attempt(folder, what, args) {
  const { status, output } = runCaptured(process.execPath, args, { cwd: folder });
  if (status !== 0) problems.push(`packed packages, ${what}:\n${output.trim()}`);
}

/** @param {string} name @param {string} command @returns {string} the script behind a package's command */
function bin(name, command) {
  const manifest = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
  const { bin: bins } = readJson(manifest);
  return join(dirname(manifest), typeof bins === "string" ? bins : bins[command]);
}

/** @param {...string} lines @returns {never} */
function stop(...lines) {
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.exit(1);
}
