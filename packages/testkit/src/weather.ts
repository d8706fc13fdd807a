/** How badly a simulated network behaves. All times are milliseconds, all chances are per event. */
export interface Weather {
  /** Least delay of a delivery. */
  readonly minDelay: number;
  /** Greatest delay of a delivery. */
  readonly maxDelay: number;
  /** Average number of bytes that arrive at once. */
  readonly averagePiece: number;
  /** A connect to a server is refused. */
  readonly refuse: number;
  /** A connect to a server is never answered. */
  readonly unanswered: number;
  /** A link is reset when bytes arrive on it, in either direction. */
  readonly reset: number;
  /** A reader pauses before its next read. */
  readonly slow: number;
  /** How long such a pause lasts. */
  readonly pause: number;
  /** Bytes buffered for a peer before the router is told `full`. */
  readonly highWater: number;
}

/** No faults, but any cut and any order between links. */
export const fairWeather: Weather = {
  minDelay: 0,
  maxDelay: 10,
  averagePiece: 24,
  refuse: 0,
  unanswered: 0,
  reset: 0,
  slow: 0,
  pause: 0,
  highWater: 1 << 16,
};

/** Slow readers: back-pressure all the time. */
export const heavyWeather: Weather = { ...fairWeather, slow: 0.2, pause: 200, highWater: 64 };

/** Everything that can go wrong, often. */
export const foulWeather: Weather = {
  ...heavyWeather,
  refuse: 0.15,
  unanswered: 0.05,
  reset: 0.02,
};
