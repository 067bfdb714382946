import type { z } from 'zod';
import type { Action } from '#domain/action.ts';
import { checkParameters, secretParameters, withoutRequired } from './parameter-schema.ts';
import type { scheduleSchema } from './schedule-schema.ts';
import type { SchemaFlaw } from './schema-keywords.ts';
import { takeSecrets } from './secret-output.ts';

/**
 * Finds what the schema of an action's parameters refuses of its schedules' parameters, and the secret ones: a schedule
 * would keep them in plain text. Secret parameters that are not there may come from keys.
 */
export function flawsOfSchedules(
  given: z.infer<typeof scheduleSchema> | undefined | null,
  schema: Action['parameterSchema'],
): readonly SchemaFlaw[] {
  const fromKeys = withoutRequired(schema, secretParameters(schema));
  return [given ?? []].flat().flatMap(({ parameters }, n) => {
    const path = ['schedule', ...(Array.isArray(given) ? [n] : []), 'parameters'];
    const { secrets } = takeSecrets(parameters, schema);
    if (secrets.length > 0) {
      const names = secrets.map((one) => one.path).join(', ');
      return [{ path, message: `${names}: a schedule keeps no secret parameters: store them as keys` }];
    }
    const checked = checkParameters(parameters, fromKeys);
    return checked.ok ? [] : checked.error.map((message) => ({ path, message }));
  });
}
