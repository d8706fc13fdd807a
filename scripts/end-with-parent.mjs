// Preloaded into long-lived children: even when the parent is killed outright, the child gets a
// SIGTERM and can end what it started.
import { watchParent } from "./run.mjs";

watchParent();
