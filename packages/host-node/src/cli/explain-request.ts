import { createRouter, type Explanation } from "@echarde/core";
import { loadConfig } from "../config/load.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";

/** `echarde explain FILE REQUEST`. Resolves with the exit code. */
export async function explainRequest(
  file: string,
  request: string,
  output: Output,
): Promise<number> {
  const loaded = await loadConfig(file);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { protocol, data } = loaded.config;
  const router = createRouter({ codec: protocol.codec, table: data });
  const explanations = router.explain(protocol.encodeRequest(request));
  if (explanations.length === 0) {
    output.err(`echarde: ${JSON.stringify(request)} is no whole request`);
    return exitCodes.usage;
  }
  for (const explanation of explanations) for (const line of linesOf(explanation)) output.out(line);
  return exitCodes.ok;
}

/** An explanation in lines: the request, where it goes, and why. */
function linesOf({ request, plan, packets, keys }: Explanation): string[] {
  return [
    `${request}: ${planWords[plan]}`,
    ...packets.map(({ cluster, node, lane, bytes }) => {
      const where = node === "" ? cluster : `${cluster}/${node}`;
      return `  -> ${where}: ${bytes} bytes on a ${lane} connection`;
    }),
    ...keys.map(({ key, cluster, because }) => {
      const text = JSON.stringify(Buffer.from(key).toString("utf8"));
      return `  key ${text}: ${cluster ?? "no cluster"} (${because})`;
    }),
  ];
}

const planWords: Readonly<Record<Explanation["plan"], string>> = {
  forward: "forwarded as it is",
  later: "held for a while",
  fragment: "split, and the answers merged",
  stream: "split, and the answers merged as they come",
  local: "answered by the router",
  refuse: "refused",
  skip: "not answered",
  ask: "decided by the host",
};
