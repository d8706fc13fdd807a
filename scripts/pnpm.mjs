// The pinned pnpm, for those who have none: node scripts/pnpm.mjs add -D …
import "./node-version.mjs";
import { runPnpm } from "./setup.mjs";

process.exit(runPnpm(process.argv.slice(2)));
