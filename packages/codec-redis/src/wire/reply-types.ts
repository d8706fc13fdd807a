/** First bytes of replies, RESP2 and RESP3. */

/** `+text` */
export const SIMPLE = 43;
/** `-text` */
export const SIMPLE_ERROR = 45;
/** `:1` */
export const INTEGER = 58;
/** `$4 text`, or `$-1`: RESP2's null string */
export const BULK = 36;
/** `*2` and two replies, or `*-1`: RESP2's null array */
export const ARRAY = 42;
/** `_`: RESP3's null */
export const NULL = 95;
/** `#t`, `#f` */
export const BOOLEAN = 35;
/** `,1.5` */
export const DOUBLE = 44;
/** `(123...` */
export const BIG_NUMBER = 40;
/** `!4 text` */
export const BULK_ERROR = 33;
/** `=8 txt:text` */
export const VERBATIM = 61;
/** `%1` and two replies */
export const MAP = 37;
/** `~2` and two replies */
export const SET = 126;
/** `|1`, two replies, and the reply that they are about */
export const ATTRIBUTE = 124;
/** `>2` and two replies: answers no request */
export const PUSH = 62;
