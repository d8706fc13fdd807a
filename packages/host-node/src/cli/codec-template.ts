/** The files of a new codec: a line protocol with one thing left to write, which its tests name. */

/** File names and texts for a codec of this name, with what the packages of this version are called. */
export function codecTemplate(name: string, version: string): ReadonlyMap<string, string> {
  const made = camel(name);
  return new Map([
    ["package.json", manifest(name, version)],
    ["tsconfig.json", settings],
    ["README.md", readme(name)],
    [`src/${name}.ts`, codec(name, made)],
    ["src/model-server.ts", modelServer],
    ["src/samples.ts", samples],
    ["src/compliance.test.ts", test(name, made)],
  ]);
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function manifest(name: string, version: string): string {
  const value = {
    name: `echarde-codec-${name}`,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: { test: "node --import tsx --test src/*.test.ts", check: "tsc" },
    dependencies: { "@echarde/core": `^${version}` },
    devDependencies: {
      "@echarde/testkit": `^${version}`,
      "@types/node": "^20.19.0",
      tsx: "^4.23.0",
      typescript: "^6.0.3",
    },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

const settings = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "types": ["node"],
    "module": "nodenext",
    "strict": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "noEmit": true
  },
  "include": ["src"]
}
`;

function readme(name: string): string {
  return `# A codec for ${name}

\`\`\`sh
npm install
npm test        # says what is to be written next
\`\`\`

1. \`src/samples.ts\`: a few requests and replies of your protocol.
2. \`src/${name}.ts\`: where a message ends, which shard key it has, what becomes of it.
3. \`src/model-server.ts\`: a server in a few lines. With it the kit holds the router over two servers against one server.

The rules that a codec keeps are in the kit; the page "Writing a codec" goes through a whole one.
`;
}

function codec(name: string, made: string): string {
  return `/** ${name} over several servers. A request is a line, and so is a reply: change that first. */
import * as core from "@echarde/core";

const lineFeed = 10;

class Session extends core.BaseSession {
  request(bytes: Uint8Array, from: number): core.Plan | null {
    const end = bytes.indexOf(lineFeed, from) + 1;
    if (end === 0) return null; // not whole: asked again when more bytes are there
    this.end = end;
    const [, verb, key] = /^([A-Z]+) ([!-~]+)( [!-~]+)?\\n$/.exec(core.textOf(bytes, from, end)) ?? [];
    this.label = verb ?? "bad line"; // for metrics: never data of the client
    if (verb === undefined || key === undefined) return core.refuse("ERROR bad line\\n", { end: true });
    this.shardKeys = [core.latin1(key)];
    // Begin here: the request goes to the cluster that owns its key.
    //   const cluster = this.router.table.route(core.latin1(key), 0, key.length);
    //   return core.forward(cluster);
    return core.refuse("ERROR not written yet\\n");
  }

  failure({ reason, cluster }: core.Failure): Uint8Array {
    return core.latin1(\`ERROR \${reason} \${cluster}\\n\`);
  }
}

class Link extends core.BaseLink {
  scan(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(lineFeed, from) + 1;
    this.event = end === 0 ? "piece" : "reply";
    return end === 0 ? bytes.length : end;
  }
}

/** For \`createRouter\`, and for \`createShardServer\` of @echarde/host-node. */
export const ${made}: core.Codec = {
  name: "${name}",
  matching: "order",
  ordering: "in-order",
  needs: ["fanOut", "timers"],
  hashTag: null,
  start: (router) => ({ session: () => new Session(router), link: () => new Link() }),
};
`;
}

const modelServer = `/** A server as a state machine: SET key value, GET key. */
import { latin1, type ModelServer, type ServerOutput, textOf } from "@echarde/testkit";

export class Model implements ModelServer {
  readonly #values = new Map<string, string>();
  readonly #unread = new Map<number, string>();

  opened(connection: number): readonly ServerOutput[] {
    this.#unread.set(connection, "");
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#unread.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    const lines = \`\${this.#unread.get(connection) ?? ""}\${textOf(bytes)}\`.split("\\n");
    this.#unread.set(connection, lines.pop() ?? "");
    const replies = lines.map((line) => this.#reply(line.split(" ")));
    return [{ connection, bytes: latin1(replies.join("")), end: false }];
  }

  #reply([verb = "", key = "", value]: readonly string[]): string {
    if (verb === "GET") return \`VALUE \${this.#values.get(key) ?? "-"}\\n\`;
    if (verb !== "SET" || value === undefined) return "ERROR unknown\\n";
    this.#values.set(key, value);
    return "OK\\n";
  }
}
`;

const samples = `/** What the kit must be told about the protocol. */
import { type CodecSamples, latin1, textOf } from "@echarde/testkit";
import { Model } from "./model-server.ts";

/** Keys below \`n\` are of a, all others of b. */
export const samples: CodecSamples = {
  table: {
    clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
    defaultCluster: "a",
    routes: [{ range: ["n", "~"], cluster: "b" }],
  },
  requests: [
    { name: "GET", bytes: latin1("GET apple\\n"), does: "forward", cluster: "a" },
    { name: "SET", bytes: latin1("SET zebra 1\\n"), does: "forward", cluster: "b" },
  ],
  replies: [
    { name: "OK", bytes: latin1("OK\\n") },
    { name: "VALUE", bytes: latin1("VALUE 1\\n") },
  ],
  garbage: [latin1("\\0\\n"), latin1("GET\\n")],
  servers: {
    serverAt: () => new Model(),
    single: () => new Model(),
    request: (random, client, index) => {
      const key = \`\${random.pick(["a", "z"])}\${client}\`; // clients keep to their own keys
      const value = \`\${client}.\${index}\`;
      const line = random.pick([\`GET \${key}\`, \`SET \${key} \${value}\`]);
      const reply = line.startsWith("GET") ? \`VALUE (-|\${client}[.]\\\\d+)\` : "OK";
      const accepted = new RegExp(\`^(\${reply}|ERROR .*)\\n$\`);
      return {
        name: line,
        bytes: latin1(\`\${line}\\n\`),
        replies: 1,
        accepts: (frame) => accepted.test(textOf(frame)),
      };
    },
  },
};
`;

function test(name: string, made: string): string {
  return `import { it } from "node:test";
import { codecCompliance } from "@echarde/testkit";
import { samples } from "./samples.ts";
import { ${made} } from "./${name}.ts";

for (const { name, run } of codecCompliance(${made}, samples)) it(name, run);
`;
}
