/** What `echarde record` is asked for. */
export interface RecordOptions {
  /** The file; it is replaced, and only its owner may read it. */
  readonly file: string;
  /** Bytes that the trace may have. */
  readonly bytes: number;
  /** Whether values are recorded, too. */
  readonly values: boolean;
}
