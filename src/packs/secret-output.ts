import type { SecretValue } from '#domain/execution.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { isRecord } from '#domain/record.ts';

/** Takes the values that an action's `output` calls `secret: true` out of its data, and masks them there. */
export function takeSecrets(
  data: unknown,
  schema: unknown,
  prefix = '',
): { readonly data: unknown; readonly secrets: readonly SecretValue[] } {
  if (!(isRecord(data) && isRecord(schema))) return { data, secrets: [] };
  const properties = isRecord(schema['properties']) ? schema['properties'] : schema;
  const secrets: SecretValue[] = [];
  const masked = Object.entries(data).map(([key, value]): [string, unknown] => {
    const property = properties[key];
    if (!isRecord(property)) return [key, value];
    if (property['secret'] === true) {
      secrets.push({ path: `${prefix}${key}`, value });
      return [key, HIDDEN_VALUE];
    }
    const inner = takeSecrets(value, property, `${prefix}${key}.`);
    secrets.push(...inner.secrets);
    return [key, inner.data];
  });
  return { data: Object.fromEntries(masked), secrets };
}

/** Tells whether an action's `output` calls anything secret. */
export function hasSecrets(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  const properties = isRecord(schema['properties']) ? schema['properties'] : schema;
  return Object.values(properties).some((one) => isRecord(one) && (one['secret'] === true || hasSecrets(one)));
}
