// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.

/** The empty response with UNSUPPORTED_VERSION of an API or version that is not spoken. */
export interface Refusal {
  /** Of the API. */
  readonly key: number;
  /** First version with this form. */
  readonly from: number;
  /** Last version with this form. */
  readonly to: number;
  /** Whether the header has tags. */
  readonly flexible: boolean;
  /** Behind the header, hexadecimal. */
  readonly body: string;
}

/** Where a response can say so for the whole request; ascending keys. */
export const refusals: readonly Refusal[] = [
  { key: 1, from: 13, to: 17, flexible: true, body: "000000000023000000000100" },
  { key: 4, from: 0, to: 3, flexible: false, body: "002300000000" },
  { key: 4, from: 4, to: 7, flexible: true, body: "00230100" },
  { key: 5, from: 0, to: 1, flexible: false, body: "002300000000" },
  { key: 5, from: 2, to: 4, flexible: true, body: "00230100" },
  { key: 6, from: 0, to: 5, flexible: false, body: "0023" },
  { key: 6, from: 6, to: 8, flexible: true, body: "002300" },
  { key: 7, from: 0, to: 2, flexible: false, body: "002300000000" },
  { key: 7, from: 3, to: 3, flexible: true, body: "00230100" },
  { key: 24, from: 4, to: 5, flexible: true, body: "0000000000230100" },
  { key: 29, from: 0, to: 1, flexible: false, body: "000000000023000000000000" },
  { key: 29, from: 2, to: 3, flexible: true, body: "000000000023010100" },
  { key: 35, from: 3, to: 4, flexible: true, body: "0000000000230100" },
  { key: 38, from: 0, to: 1, flexible: false, body: "00230000000000000000000000000000000000000000000000000000000000000000000000000000" },
  { key: 38, from: 2, to: 2, flexible: true, body: "0023010100000000000000000000000000000000000000000000000001010000000000" },
  { key: 38, from: 3, to: 3, flexible: true, body: "00230101010100000000000000000000000000000000000000000000000001010000000000" },
  { key: 39, from: 0, to: 1, flexible: false, body: "0023000000000000000000000000" },
  { key: 39, from: 2, to: 2, flexible: true, body: "002300000000000000000000000000" },
  { key: 40, from: 0, to: 1, flexible: false, body: "0023000000000000000000000000" },
  { key: 40, from: 2, to: 2, flexible: true, body: "002300000000000000000000000000" },
  { key: 41, from: 0, to: 1, flexible: false, body: "00230000000000000000" },
  { key: 41, from: 2, to: 3, flexible: true, body: "0023010000000000" },
  { key: 43, from: 1, to: 1, flexible: false, body: "00000000002300000000" },
  { key: 43, from: 2, to: 2, flexible: true, body: "0000000000230100" },
  { key: 45, from: 0, to: 0, flexible: true, body: "000000000023010100" },
  { key: 46, from: 0, to: 0, flexible: true, body: "000000000023010100" },
  { key: 48, from: 0, to: 0, flexible: false, body: "000000000023000000000000" },
  { key: 48, from: 1, to: 1, flexible: true, body: "000000000023010100" },
  { key: 50, from: 0, to: 0, flexible: true, body: "000000000023010100" },
  { key: 52, from: 0, to: 1, flexible: true, body: "00230100" },
  { key: 53, from: 0, to: 0, flexible: false, body: "002300000000" },
  { key: 53, from: 1, to: 1, flexible: true, body: "00230100" },
  { key: 54, from: 0, to: 0, flexible: false, body: "002300000000" },
  { key: 54, from: 1, to: 1, flexible: true, body: "00230100" },
  { key: 55, from: 0, to: 1, flexible: true, body: "00230100" },
  { key: 55, from: 2, to: 2, flexible: true, body: "002301010100" },
  { key: 56, from: 0, to: 3, flexible: true, body: "0000000000230100" },
  { key: 57, from: 0, to: 1, flexible: true, body: "000000000023010100" },
  { key: 58, from: 0, to: 0, flexible: true, body: "00002300" },
  { key: 59, from: 0, to: 1, flexible: true, body: "0000000000230100" },
  { key: 62, from: 0, to: 4, flexible: true, body: "000000000023ffffffffffffffff00" },
  { key: 63, from: 0, to: 1, flexible: true, body: "00000000002300010000" },
  { key: 64, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 66, from: 0, to: 1, flexible: true, body: "000000000023010100" },
  { key: 67, from: 0, to: 0, flexible: true, body: "00000000002300000000000000000000000000" },
  { key: 68, from: 0, to: 0, flexible: true, body: "00000000002300000000000000000000ff00" },
  { key: 70, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 71, from: 0, to: 0, flexible: true, body: "0000000000230000000000000000000000000000000000000000010000000000000000000100" },
  { key: 72, from: 0, to: 0, flexible: true, body: "00000000002300" },
  { key: 73, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 74, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 76, from: 0, to: 0, flexible: true, body: "00000000002300000000000000000000ff00" },
  { key: 78, from: 0, to: 0, flexible: true, body: "00000000002300010100" },
  { key: 79, from: 0, to: 0, flexible: true, body: "00000000002300010100" },
  { key: 80, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 81, from: 0, to: 0, flexible: true, body: "0000000000230100" },
  { key: 82, from: 0, to: 0, flexible: true, body: "00000000002300" },
];
