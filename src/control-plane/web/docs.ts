import { readToken } from './session.ts';

interface SwaggerRequest {
  readonly headers: Record<string, string>;
}

declare const SwaggerUIBundle: (options: {
  readonly url: string;
  readonly dom_id: string;
  requestInterceptor(request: SwaggerRequest): SwaggerRequest;
}) => void;

/* The token that the page keeps is sent with the description's request and with every one that is tried out. */
const token = readToken();
if (token !== undefined) {
  document.querySelector('#hint')?.remove();
  SwaggerUIBundle({
    url: 'openapi.json',
    dom_id: '#docs',
    requestInterceptor: (request) => {
      request.headers['authorization'] = `Bearer ${token}`;
      return request;
    },
  });
}
