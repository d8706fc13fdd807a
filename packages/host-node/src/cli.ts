#!/usr/bin/env node
/** The command `echarde`; see `echarde --help`. */
import { runCli } from "./cli/run-cli.ts";

process.exitCode = await runCli(process.argv.slice(2));
