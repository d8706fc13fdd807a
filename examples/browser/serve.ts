/** Serves the page: `pnpm start`, then open the address that it prints. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The page's script as a browser takes it: one file, without anything of Node. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    conditions: ["source"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** Serves it on 127.0.0.1; port 0 = any that is free. */
export async function serve(port: number): Promise<{ server: Server; address: string }> {
  const html = await readFile(new URL("index.html", import.meta.url));
  const script = await bundle();
  const server = createServer((request, response) => {
    if (request.url === "/page.js")
      response.setHeader("content-type", "text/javascript").end(script);
    else if (request.url === "/") response.setHeader("content-type", "text/html").end(html);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await serve(8080)).address);
}
