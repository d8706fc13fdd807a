import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1, latin1Text } from "./ascii.ts";
import * as writer from "./reply-writer.ts";

test("replies in both protocols", () => {
  const cases: [Uint8Array, string][] = [
    [writer.simple("OK"), "+OK\r\n"],
    [writer.error("ERR a\r\nb"), "-ERR a  b\r\n"],
    [writer.integer(-5), ":-5\r\n"],
    [writer.integer(2n ** 63n), ":9223372036854775808\r\n"],
    [writer.bulk(latin1("a\xff")), "$2\r\na\xff\r\n"],
    [writer.bulkText(""), "$0\r\n\r\n"],
    [writer.nullBulk(2), "$-1\r\n"],
    [writer.nullBulk(3), "_\r\n"],
    [writer.nullArray(2), "*-1\r\n"],
    [writer.nullArray(3), "_\r\n"],
    [writer.arrayHeader(3), "*3\r\n"],
    [writer.mapHeader(7, 3), "%7\r\n"],
    [writer.mapHeader(7, 2), "*14\r\n"],
    [writer.setHeader(2, 3), "~2\r\n"],
    [writer.setHeader(2, 2), "*2\r\n"],
    [writer.pushHeader(3, 3), ">3\r\n"],
    [writer.pushHeader(3, 2), "*3\r\n"],
    [writer.verbatimText("# a", 3), "=7\r\ntxt:# a\r\n"],
    [writer.verbatimText("# a", 2), "$3\r\n# a\r\n"],
  ];
  for (const [bytes, text] of cases) assert.equal(latin1Text(bytes, 0, bytes.length), text);
});
