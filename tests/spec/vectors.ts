import { bomVectors } from "./bom.ts";
import { commentVectors } from "./comments.ts";
import { dataVectors } from "./data.ts";
import { endOfStreamVectors } from "./end_of_stream.ts";
import { eventTypeVectors } from "./event_types.ts";
import { fieldNameVectors } from "./field_names.ts";
import { fieldValueVectors } from "./field_values.ts";
import { idVectors } from "./ids.ts";
import { lineEndVectors } from "./line_ends.ts";
import { retryVectors } from "./retries.ts";
import { utf8Vectors } from "./utf8.ts";
import type { DecodeVector } from "./vector.ts";

/** What reading must give, all themes, written from the specification. */
export const decodeVectors: readonly DecodeVector[] = [
  ...bomVectors,
  ...utf8Vectors,
  ...lineEndVectors,
  ...fieldNameVectors,
  ...fieldValueVectors,
  ...dataVectors,
  ...eventTypeVectors,
  ...idVectors,
  ...retryVectors,
  ...commentVectors,
  ...endOfStreamVectors,
];
