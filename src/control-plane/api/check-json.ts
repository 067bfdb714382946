import { isUtf8 } from 'node:buffer';
import type { MiddlewareHandler } from 'hono';
import { flawOfJson } from '#formats/json.ts';
import { CARRIER } from '#formats/size.ts';
import { API_PATH } from '#wire/paths.ts';
import type { AppEnv } from './auth.ts';
import { bodyKindOf } from './content-types.ts';
import { NO_ROUTE, routeOf } from './note-answers.ts';
import { Problem } from './problem.ts';

/** Middleware that refuses JSON that would be changed by reading or storing it, or is nested too deeply, before any route reads it. */
export const checkJson: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { req } = context;
  if (req.raw.body !== null && bodyKindOf(req) === 'json' && routeOf(context) !== NO_ROUTE) {
    const turn = context.get('turn');
    await turn();
    if (!isUtf8(await req.arrayBuffer())) throw new Problem('invalid-request', 'the body is not UTF-8');
    const text = await req.text();
    const isOfWorker = req.path.startsWith(`${API_PATH}/worker/`);
    const flaw = flawOfJson(text, isOfWorker ? CARRIER : 1);
    if (flaw !== undefined) throw new Problem('invalid-request', flaw);
    await turn();
  }
  await next();
};
