// Imported first by every entry script: an old Node gets a sentence, not a stack trace. Keep the
// syntax of this file and of what it stands beside readable by Node 14.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const older = major < 20 || (major === 20 && minor < 19);
if (older) {
  process.stderr.write(
    `Echarde needs Node 20.19 or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      "Get a current one from https://nodejs.org or your version manager, then run the same command again.\n",
  );
  process.exit(1);
}
