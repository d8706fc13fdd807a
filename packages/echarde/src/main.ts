#!/usr/bin/env node
/** The command `echarde`. */
import "@echarde/host-node/cli";
