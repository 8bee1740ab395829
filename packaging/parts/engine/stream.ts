/** Sends what is generated as it comes; whoever hangs up ends the generation. */
export async function streamed(
  request: Request,
  contentType: string,
  generate: (signal: AbortSignal) => AsyncGenerator<string>,
): Promise<Response> {
  const gone = new AbortController();
  const chunks = generate(AbortSignal.any([gone.signal, request.signal]));
  // What is refused is refused before the headers.
  let next = await chunks.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) return controller.close();
      controller.enqueue(encoder.encode(next.value));
      next = await chunks.next();
    },
    async cancel() {
      gone.abort();
      await chunks.return(undefined);
    },
  });
  return new Response(body, { headers: { "content-type": contentType } });
}
