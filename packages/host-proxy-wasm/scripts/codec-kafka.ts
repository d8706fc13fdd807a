/** The codec of modules for kafka. */
import { kafka } from "@echarde/codec-kafka";

/** With the options of the table. */
export const codec: ReturnType<typeof kafka> = kafka();
