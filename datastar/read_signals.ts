import type { StandardSchema } from "../src/data/standard_schema.ts";
import { describeIssues } from "../src/data/_issues.ts";
import { ReadSignalsError } from "../src/errors.ts";
import { splitHeader } from "../src/http/_header_list.ts";
import { readBody } from "./_read_body.ts";
import { isSignals, parseJson, type Signals } from "./signals.ts";

/**
 * How signals are read.
 *
 * @typeParam T What the signals are.
 */
export interface ReadSignalsOptions<T = Signals> {
  /**
   * Checks the signals, and gives them their type: any Standard Schema, one that
   * returns promises too.
   *
   * @default {undefined} They must be a JSON object.
   */
  readonly schema?: StandardSchema<T> | undefined;
  /**
   * How long their JSON may be, in bytes. Of a body that is longer no more is read.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Reads the signals that Datastar in the browser sends with a request: of GET,
 * HEAD and DELETE from the query parameter `datastar`, of others from the body.
 *
 * Anybody can send them, another site in the name of your users too: check who it is
 * as with every request.
 *
 * Keys that could reach a prototype when signals are copied, `__proto__` and a
 * `constructor` that holds a `prototype`, are left out.
 *
 * @see [Datastar, backend requests](https://data-star.dev/guide/backend_requests)
 *
 * @example Checked by a schema
 * ```ts
 * import { readSignals } from "@tidings/sse/datastar";
 * import { ReadSignalsError } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 * import * as z from "zod";
 *
 * const schema = z.object({ delay: z.number() });
 *
 * async function handler(request: Request): Promise<Response> {
 *   try {
 *     const { delay } = await readSignals(request, { schema });
 *     return new Response(`${delay} ms`);
 *   } catch (error) {
 *     if (error instanceof ReadSignalsError) return error.toResponse();
 *     throw error;
 *   }
 * }
 *
 * const url = "https://example.com/?datastar=" + encodeURIComponent('{"delay":400}');
 * assertEquals(await (await handler(new Request(url))).text(), "400 ms");
 * assertEquals((await handler(new Request("https://example.com"))).status, 400);
 * ```
 *
 * @typeParam T What the signals are; taken from the schema if there is one.
 * @param request The request. Its body is read, if that is where the signals are.
 * @param options How they are checked, and how long they may be.
 * @returns The signals.
 * @throws {ReadSignalsError} If there are none, they are no JSON or no object, the
 * schema refuses them or the body breaks off (status 400); if they are longer than
 * `maxBytes` (413); if the body is compressed, a form or of another type that is not
 * JSON (415).
 * @throws {TypeError} If the body has been read already.
 * @throws {RangeError} If `maxBytes` is negative or not a number.
 */
export async function readSignals<T = Signals>(
  request: Request,
  options: ReadSignalsOptions<T> = {},
): Promise<T> {
  const { schema, maxBytes = DEFAULT_MAX_BYTES } = options;
  if (!(maxBytes >= 0)) {
    throw new RangeError(
      `Cannot read signals: maxBytes must be at least 0, got ${maxBytes}`,
    );
  }
  const text = HAS_NO_BODY.has(request.method)
    ? textOfQuery(request, maxBytes)
    : await textOfBody(request, maxBytes);
  let signals: T;
  try {
    // Checked below, by the schema or to be an object.
    signals = parseJson(text) as T;
  } catch (cause) {
    throw new ReadSignalsError(400, "they must be JSON", text, cause);
  }
  if (schema !== undefined) return await validate(schema, signals, text);
  if (!isSignals(signals)) {
    throw new ReadSignalsError(400, "they must be a JSON object", text);
  }
  return signals;
}

const HAS_NO_BODY = new Set(["GET", "HEAD", "DELETE"]);

function textOfQuery(request: Request, maxBytes: number): string {
  const text = new URL(request.url).searchParams.get("datastar");
  if (text === null) {
    const reason = "the query must have the parameter datastar";
    throw new ReadSignalsError(400, reason, new URL(request.url).search);
  }
  const length = new TextEncoder().encode(text).length;
  if (length > maxBytes) throw tooLong(maxBytes, length);
  return text;
}

async function textOfBody(request: Request, maxBytes: number): Promise<string> {
  const { body, bodyUsed, headers } = request;
  if (bodyUsed || body?.locked) {
    throw new TypeError("Cannot read signals: the body has been read already");
  }
  checkType(headers.get("content-type"));
  checkEncoding(headers.get("content-encoding"));
  if (body === null) {
    throw new ReadSignalsError(400, "the body must hold JSON", "");
  }
  const announced = Number(headers.get("content-length") ?? 0);
  if (announced > maxBytes) {
    // Nobody is left to tell that it failed.
    body.cancel().catch(() => {});
    throw tooLong(maxBytes, announced);
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readBody(body, maxBytes);
  } catch (cause) {
    const reason = "the body must be whole";
    throw new ReadSignalsError(400, reason, undefined, cause);
  }
  if (bytes === undefined) throw tooLong(maxBytes, "more");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const reason = "the body must be UTF-8";
    throw new ReadSignalsError(400, reason, undefined, cause);
  }
}

const JSON_TYPE = /^(?:application|text)\/json$|^[^/]+\/[^/]+\+json$/;

/**
 * Refuses a form, and whatever else says that it is not JSON.
 *
 * The type that Fetch gives to a string on its own says nothing about what is in it.
 */
function checkType(contentType: string | null): void {
  if (contentType === null || FETCH_STRING_TYPE.test(contentType)) return;
  const [essence = ""] = splitHeader(contentType, ";");
  if (JSON_TYPE.test(essence.toLowerCase())) return;
  const reason = "the body must be application/json";
  throw new ReadSignalsError(415, reason, contentType);
}

/** Servers hand out a compressed body as it came. */
function checkEncoding(encoding: string | null): void {
  if (encoding === null || encoding.toLowerCase() === "identity") return;
  const reason = "the body must not be compressed";
  throw new ReadSignalsError(415, reason, encoding);
}

const FETCH_STRING_TYPE = /^text\/plain; ?charset=utf-8$/i;

async function validate<T>(
  schema: StandardSchema<T>,
  signals: unknown,
  text: string,
): Promise<T> {
  const result = await schema["~standard"].validate(signals);
  if (result.issues === undefined) return result.value;
  const reason = describeIssues(result.issues);
  throw new ReadSignalsError(400, reason, text, result.issues);
}

function tooLong(maxBytes: number, length: number | string): ReadSignalsError {
  const reason = `they must not be longer than ${maxBytes} bytes`;
  return new ReadSignalsError(413, reason, length);
}
