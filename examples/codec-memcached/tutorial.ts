/**
 * Puts the example's source into docs/writing-a-codec.md, wherever `<!-- FILE: REGION -->` stands. Run it after a change:
 *
 *     node --conditions=source --import tsx examples/codec-memcached/tutorial.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { codecCompliance } from "@echarde/testkit";
import { memcached } from "./memcached.ts";
import { samples } from "./samples.ts";

/** The page. */
export const page: URL = new URL("../../docs/writing-a-codec.md", import.meta.url);

/** The page with its code blocks as the sources have them. Throws when a region is not there. */
export function filled(markdown: string): string {
  const block = /<!-- (?:(\S+): (\S+)|counter-example) -->\n(?:\n```\w*\n[\s\S]*?\n```\n)?/g;
  return markdown.replace(block, (whole, file?: string, region?: string) => {
    const mark = whole.slice(0, whole.indexOf("\n"));
    if (file === undefined || region === undefined) {
      return `${mark}\n\n\`\`\`\n${counterExample()}\n\`\`\`\n`;
    }
    return `${mark}\n\n\`\`\`ts\n${regionOf(file, region)}\n\`\`\`\n`;
  });
}

/** Names of all regions of a file. */
export function regionsOf(file: string): readonly string[] {
  return [...sourceOf(file).matchAll(/\/\/ #region (\S+)/g)].map(([, name = ""]) => name);
}

function regionOf(file: string, region: string): string {
  const [, text] =
    new RegExp(`// #region ${region}\\n([\\s\\S]*?)\\n *// #endregion`).exec(sourceOf(file)) ?? [];
  if (text === undefined) throw new Error(`${file} has no region ${region}`);
  const indent = /^ */.exec(text)?.[0] ?? "";
  return text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}

function sourceOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

/** What the kit says of a session that asks for a byte too many. */
function counterExample(): string {
  const start: typeof memcached.start = (router) => {
    const running = memcached.start(router);
    return {
      link: (context) => running.link(context),
      session: (context) => {
        const session = running.session(context);
        return new Proxy(session, {
          get: (_, name) => {
            const own = Reflect.get(session, name);
            if (name === "need" && own > 0) return own + 1;
            return typeof own === "function" ? own.bind(session) : own;
          },
        });
      },
    };
  };
  for (const { run } of codecCompliance({ ...memcached, start }, samples, { runs: 1 })) {
    try {
      run();
    } catch (error) {
      return (error as Error).message;
    }
  }
  throw new Error("the kit found nothing");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, filled(readFileSync(page, "utf8")));
}
