/** A response with other bytes in its body. */
export function mapBody(
  response: Response,
  transform: TransformStream<Uint8Array, Uint8Array>,
): Response {
  if (response.body === null) return response;
  const body = response.body.pipeThrough(transform) as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
  return new Response(body, response);
}
