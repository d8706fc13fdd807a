// Core and codecs must run unchanged in an engine that has ECMAScript and nothing else, give the
// same bytes for the same input, and core must not know any protocol. This reads their sources and
// says where they break that. Tests are exempt from the first two, not from the third.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { listFiles, listPackages, root } from "./paths.mjs";

/** Names that a pure file may not use: the host's, the clock's, chance's, the locale's. */
const forbiddenGlobals = new Set([
  ..."Buffer process require module exports __dirname __filename global globalThis window self".split(
    " ",
  ),
  ..."setTimeout setInterval setImmediate queueMicrotask clearTimeout clearInterval".split(" "),
  ..."Date performance crypto console TextEncoder TextDecoder URL fetch structuredClone".split(" "),
  ..."atob btoa WebAssembly Worker Atomics SharedArrayBuffer".split(" "),
  ..."Intl WeakRef FinalizationRegistry Promise eval Function".split(" "),
]);

/** Members that a pure file may not use, whatever they are taken from. */
const forbiddenMembers = new Set([
  ..."localeCompare toLocaleString toLocaleLowerCase toLocaleUpperCase".split(" "),
]);

const protocolNames = /redis|mqtt|kafka|influx/gi;

/**
 * @typedef {{ file: string, line: number, what: string }} Finding
 */

/**
 * @param {string} file name, for the findings
 * @param {string} text TypeScript
 * @param {ReadonlySet<string>} imports packages that it may import
 * @returns {Finding[]}
 */
export function findImpurities(file, text, imports) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  /** @type {Finding[]} */
  const findings = [];
  /** @type {(node: ts.Node, what: string) => void} */
  const add = (node, what) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    findings.push({ file, line: line + 1, what });
  };
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    if (ts.isIdentifier(node) && !isMemberName(node) && forbiddenGlobals.has(node.text)) {
      add(node, `uses ${node.text}`);
    } else if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      const name = ts.isPropertyAccessExpression(node)
        ? node.name.text
        : literal(node.argumentExpression);
      const isRandom =
        name === "random" && ts.isIdentifier(node.expression) && node.expression.text === "Math";
      if (isRandom) add(node, "uses Math.random");
      else if (name !== undefined && forbiddenMembers.has(name)) add(node, `uses ${name}`);
    } else if (
      ts.isBindingElement(node) &&
      (literal(node.propertyName) ?? node.name.getText(source)) === "random"
    ) {
      add(node, "takes random out of an object");
    } else if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) {
      add(node, "is asynchronous");
    } else if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent)) {
      add(node, "imports at run time");
    } else if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = literal(node.moduleSpecifier);
      if (
        from !== undefined &&
        !from.startsWith("./") &&
        !from.startsWith("../") &&
        !imports.has(from)
      ) {
        add(node, `imports ${from}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** @param {string} file @param {string} text @returns {Finding[]} */
export function findProtocolNames(file, text) {
  const inName = file.match(protocolNames)
    ? [{ file, line: 1, what: "names a protocol in its path" }]
    : [];
  return inName.concat(
    text.split("\n").flatMap((line, index) =>
      (line.match(protocolNames) ?? []).map((name) => ({
        file,
        line: index + 1,
        what: `says "${name}"`,
      })),
    ),
  );
}

/** Whether the identifier is the name of a member or of a key, not a reference. @param {ts.Identifier} node */
function isMemberName(node) {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) {
    return parent.name !== node || ts.isPropertyAssignment(parent)
      ? parent.initializer !== node
      : false;
  }
  return (
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isGetAccessorDeclaration(parent) ||
    ts.isSetAccessorDeclaration(parent)
  );
}

/** @param {ts.Node | undefined} node @returns {string | undefined} */
function literal(node) {
  if (node && (ts.isStringLiteralLike(node) || ts.isIdentifier(node))) return node.text;
  return undefined;
}

/** @returns {Finding[]} what is impure in the workspace */
function checkWorkspace() {
  /** @type {Finding[]} */
  const findings = [];
  for (const { folder, name, manifest } of listPackages()) {
    const isCore = folder === "packages/core";
    if (!isCore && folder !== "packages/http1" && !folder.startsWith("packages/codec-")) continue;
    const allowed = new Set(
      isCore ? [] : ["@echarde/core", "@echarde/core/internal", "@echarde/http1"],
    );
    for (const dependency of Object.keys({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
    })) {
      if (!allowed.has(dependency)) {
        findings.push({
          file: `${folder}/package.json`,
          line: 1,
          what: `${name} depends on ${dependency}`,
        });
      }
    }
    for (const file of listFiles(`${folder}/src`, (path) => path.endsWith(".ts"))) {
      const text = readFileSync(join(root, file), "utf8");
      if (!/\.(test|long)\.ts$/.test(file)) findings.push(...findImpurities(file, text, allowed));
      if (isCore)
        findings.push(
          ...findProtocolNames(file.slice(folder.length + 1), text).map((at) => ({ ...at, file })),
        );
    }
  }
  return findings;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const findings = checkWorkspace();
  for (const { file, line, what } of findings) process.stdout.write(`${file}:${line} ${what}\n`);
  process.exit(findings.length === 0 ? 0 : 1);
}
