import { loadConfig } from "../config/load.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";

/** `echarde check FILE`. Resolves with the exit code; warnings alone are no failure. */
export async function checkFile(file: string, output: Output): Promise<number> {
  const loaded = await loadConfig(file);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { data, protocol } = loaded.config;
  const rules = Object.keys((data["routes"] ?? data["routingTable"] ?? {}) as object).length;
  const clusters = Object.keys((data["clusters"] ?? {}) as object).length;
  output.out(`${file}: ok (${protocol.codec.name}, ${clusters} clusters, ${rules} rules)`);
  return exitCodes.ok;
}
