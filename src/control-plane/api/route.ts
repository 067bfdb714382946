import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Scope } from '#domain/admin-store.ts';
import { sayIssue, shown } from '#domain/say-issue.ts';
import { problem } from '#wire/problem.ts';
import { type AppEnv, requires } from './auth.ts';
import { knownQuery } from './known-query.ts';
import { Problem } from './problem.ts';

/**
 * Makes an empty group of routes, which answers requests that do not fit their schemas with problems that name each
 * field.
 */
export function createRoutes(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.error, 'data' in result ? result.data : undefined);
    },
  });
}

function invalid(error: z.ZodError, data: unknown): Problem {
  const errors = error.issues.map((issue) => ({ path: issue.path.join('.'), message: sentenceOf(issue, data) }));
  const sentences = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new Problem('invalid-request', sentences.join('; '), { errors });
}

/** What is wrong with a field, in the words of this program; what a schema itself says about its value stays. */
function sentenceOf(issue: z.ZodError['issues'][number], data: unknown): string {
  const input = issue.path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), data);
  /* A number of a query is a text that has been made a number. */
  const isOwn = [input, Number.NaN].every((value) => issue.message !== wordsOfZod(issue, value));
  return isOwn ? issue.message : (sayIssue({ ...issue, input }, shown) ?? issue.message);
}

function isObject(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}

function wordsOfZod(issue: z.ZodError['issues'][number], input: unknown): string | undefined {
  const said = z.config().localeError?.({ ...issue, input } as z.core.$ZodRawIssue);
  return typeof said === 'string' ? said : said?.message;
}

/** The answers of a route that are errors. */
export const failures = {
  description: 'an error, by RFC 9457',
  content: { 'application/problem+json': { schema: problem } },
};
const bearer = [{ bearer: [] }];

/** A route that a token with the scope, or one of them, may call. Its errors are documented here, once. */
export function guarded<const R extends Omit<RouteConfig, 'middleware' | 'security'>>(
  scope: Scope | readonly Scope[],
  route: R,
) {
  const scopes = [scope].flat();
  return createRoute({
    ...route,
    description: `${route.summary}. The token needs the scope ${scopes.map((one) => `\`${one}\``).join(' or ')}.`,
    middleware: [requires(...scopes), knownQuery(route)] as const,
    security: bearer,
    responses: { ...route.responses, default: failures },
  });
}

/** The `responses` of a route that answers with JSON. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** The schema of each of a stream of server-sent events of these names, whose data are JSON. */
export function eventsOf(shapes: Readonly<Record<string, z.ZodType>>) {
  const events = Object.entries(shapes).map(([event, data]) =>
    z.object({ event: z.literal(event), id: z.string().optional(), data: jsonText(data) }),
  );
  const [first] = events;
  return first && events.length === 1 ? first : z.union(events);
}

/** A text that holds JSON of this schema. */
function jsonText(schema: z.ZodType): z.ZodType {
  const { $schema: _, $defs: __, ...alone } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  /* What has a name is a component of the document. */
  const contentSchema = JSON.parse(JSON.stringify(alone).replaceAll('#/$defs/', '#/components/schemas/'));
  return z.string().meta({ contentMediaType: 'application/json', contentSchema });
}

/** The `body` of a request that is JSON. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}
