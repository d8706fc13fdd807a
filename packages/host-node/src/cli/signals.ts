/** Waits for the first of some signals. */
export interface SignalWait {
  /** Resolves with the name of the first one. */
  readonly came: Promise<NodeJS.Signals>;
  /** Gives the signals back their usual effect. */
  forget(): void;
}

/** A second signal ends the process at once, with the status that the signal has in a shell. */
export function firstSignal(names: readonly NodeJS.Signals[]): SignalWait {
  let resolve: (name: NodeJS.Signals) => void = () => {};
  const came = new Promise<NodeJS.Signals>((done) => {
    resolve = done;
  });
  let seen = 0;
  const listener = (name: NodeJS.Signals, number: number): void => {
    seen += 1;
    if (seen > 1) process.exit(128 + number);
    resolve(name);
  };
  for (const name of names) process.on(name, listener);
  return {
    came,
    forget: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}
