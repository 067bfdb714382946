import { z } from 'zod';
import { configSchema } from '#config/schema.ts';

/** What JSON Schema and the metadata of the schema say of a setting or a section. */
interface Facts {
  readonly description?: string;
  readonly unset?: string;
  readonly kind?: string;
  readonly type?: string;
  /** As it is written: a path is made absolute afterwards. */
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Facts>>;
}

export interface Setting extends Facts {
  /** With the section: `worker.name`. */
  readonly name: string;
  readonly initial: unknown;
}

/** All settings, in the order of the schema. */
export function allSettings(): readonly Setting[] {
  return sectionsOf().flatMap(({ settings }) => settings);
}

export interface Section {
  /** Undefined: the settings that are in no section. */
  readonly name: string | undefined;
  readonly description: string;
  readonly settings: readonly Setting[];
}

/** All settings by sections, in the order of the schema. */
export function sectionsOf(): readonly Section[] {
  const schema = configSchema('<hostname>', false);
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Facts;
  const defaults: Readonly<Record<string, unknown>> = schema.parse({});
  const plainOnes = Object.entries(properties).filter(([, { properties: inner }]) => inner === undefined);
  const sections = Object.entries(properties).flatMap(([name, { description = '', properties: inner }]) => {
    if (inner === undefined) return [];
    const own = Object(defaults[name]) as Readonly<Record<string, unknown>>;
    const settings = Object.entries(inner).map(([key, facts]) => ({
      ...facts,
      name: `${name}.${key}`,
      initial: own[key],
    }));
    return [{ name, description, settings }];
  });
  const settings = plainOnes.map(([name, facts]) => ({ ...facts, name, initial: facts.default ?? defaults[name] }));
  return [...sections, { name: undefined, description: 'Settings that are in no section.', settings }];
}

/** Whether one of `used`, each the name of a setting or of a section, names the setting. */
export function isNamed({ name }: Setting, used: readonly string[] = []): boolean {
  return used.some((one) => name === one || name.startsWith(`${one}.`));
}
