/** A server of version 9.0.0 that gives every request the same answer: an object as JSON, text as events. */
export function newerServer(answer: unknown): AsyncDisposable & { readonly url: string } {
  const headers = { 'x-attune-version': '9.0.0' };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () =>
      typeof answer === 'string'
        ? new Response(answer, { headers: { ...headers, 'content-type': 'text/event-stream' } })
        : Response.json(answer, { headers }),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: async () => await server.stop(true),
  };
}
