import type { Named } from '#cli/parameter.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result } from '#domain/result.ts';
import type { Api } from './api-client.ts';
import { namesOn } from './names-on.ts';

/** Adds the nearest name to an error that says that a name is unknown. */
export async function orNearest<T>(
  api: Api,
  { kind, wanted }: { readonly kind: Named; readonly wanted: string },
  result: Result<T, string>,
): Promise<Result<T, string>> {
  if (result.ok || !/^(there is )?no (pack|key) /.test(result.error)) return result;
  const others = (await namesOn(api, kind)).filter((name) => name !== wanted);
  const near = nearest(wanted, others);
  return near === undefined ? result : failure(`${result.error}, did you mean '${near}'?`);
}
