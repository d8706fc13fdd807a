/**
 * Tells when a file may have changed, however that is done: written in place,
 * replaced by a rename as editors do, or behind a link that is replaced as a
 * Kubernetes config map is (`config.yaml` → `..data/config.yaml`, `..data` → a
 * folder with a date). So the folders on the way are watched, not the file,
 * and every event in them counts. Where the system tells nothing (network file
 * systems), a look every few seconds does.
 */
import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { dirname, resolve } from "node:path";

/** A file that is watched. */
export interface FileWatch {
  /** Watches no more. */
  stop(): void;
}

/** Times of {@link watchFile}, milliseconds. */
export interface WatchTimes {
  /** Rest after an event: a file that is being written is not read half-way. Default 50. */
  readonly rest?: number;
  /** Between looks without an event. Default 5,000. */
  readonly look?: number;
}

/** Calls `changed` some time after the file may have changed, never twice at a time. Does not keep the process alive. */
export function watchFile(file: string, changed: () => void, times: WatchTimes = {}): FileWatch {
  const { rest = 50, look = 5_000 } = times;
  const path = resolve(file);
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;
  let seen = stampOf(path);

  const tell = (): void => {
    timer = undefined;
    seen = stampOf(path);
    follow();
    changed();
  };
  const event = (): void => {
    const now = performance.now();
    if (timer === undefined) firstAt = now;
    // A folder in which something happens all the time must not put it off for ever.
    else if (now - firstAt >= longestRest * rest) return;
    clearTimeout(timer);
    timer = setTimeout(tell, rest).unref();
  };
  const follow = (): void => {
    const folders = new Set(foldersOf(path));
    for (const [folder, watcher] of watchers) {
      if (folders.delete(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      try {
        const watcher = watch(folder, { persistent: false }, event);
        watchers.set(folder, watcher);
        watcher.on("error", () => {
          watcher.close();
          watchers.delete(folder);
        });
      } catch {
        // the look below does without
      }
    }
  };
  follow();
  const looking = setInterval(() => {
    follow();
    if (stampOf(path) !== seen) event();
  }, look).unref();
  return {
    stop: () => {
      clearInterval(looking);
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** Rests that events may put a call off. */
const longestRest = 10;

/** Where the name stands, and where the file behind its links stands. */
function foldersOf(path: string): string[] {
  try {
    return [dirname(path), dirname(realpathSync(path))];
  } catch {
    return [dirname(path)];
  }
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs].join();
  } catch {
    return "";
  }
}
