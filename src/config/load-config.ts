import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { kindOfValue, type RawIssue, sayIssue, shown } from '#domain/say-issue.ts';
import { type FileSources, filesLayer } from './config-files.ts';
import { environmentLayer, flagLayer, type Layer } from './layers.ts';
import { type Config, configSchema, secrets } from './schema.ts';
import { isUnused, unusedSettings } from './unused-settings.ts';
import { withCertificates } from './url-certificates.ts';

export interface ConfigSources extends FileSources {
  /** Values by dotted names such as `worker.name`. Undefined: not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The options of the command line that gave them, such as `--name`, by the same names. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface Machine {
  readonly hostname: string;
  readonly isContainer: boolean;
}

/** Where each setting comes from, by its dotted name; one that is absent has its default. */
type Origins = ReadonlyMap<string, string>;

export interface LoadedConfig {
  readonly config: Config;
  /** Where settings come from that have not their default: an option, a variable, or a file with its line. */
  readonly origins: Origins;
  /** The names of settings of Attune's Rust control plane that nothing here uses. */
  readonly unused: readonly string[];
  /** One sentence for each setting that nobody knows. */
  readonly warnings: readonly string[];
}

/**
 * Loads the configuration: flags win over the environment, it over the files, and they over defaults. Errors are
 * sentences that name where a setting came from.
 */
export function loadConfig(sources: ConfigSources, machine: Machine): Result<LoadedConfig, readonly string[]> {
  const files = filesLayer(sources);
  const environment = environmentLayer(sources.env);
  const broken = [files, environment].flatMap((layer) => (layer.ok ? [] : layer.error));
  if (!(files.ok && environment.ok)) return failure(broken);
  const settings: Layer = new Map([
    ...files.value,
    ...environment.value,
    ...flagLayer(sources.flags, sources.options ?? {}),
  ]);
  const schema = configSchema(machine.hostname, machine.isContainer);
  const { known, unused, unknown } = sort(settings, schema);
  const checked = schema.safeParse(nest(known), { error: (issue) => sayOf(issue, known) });
  if (checked.success) {
    const config = freeze(withCertificates(checked.data));
    return success({ config, origins: originsOf(known), unused, warnings: unknown });
  }
  return failure(
    checked.error.issues.map((issue) => {
      const name = issue.path.slice(0, 2).join('.');
      return `${settings.get(name)?.origin ?? 'configuration'}: ${issue.path.join('.')}: ${issue.message}`;
    }),
  );
}

/** Says what is wrong with a setting, which is shown as it was given; a secret is not shown, nor what may be a URL with one. */
function sayOf(
  issue: RawIssue & { readonly path?: readonly PropertyKey[] | undefined },
  known: Layer,
): string | undefined {
  const name = (issue.path ?? []).map(String).join('.');
  const input = known.has(name) ? known.get(name)?.value : issue.input;
  const isHidden = (secrets[name] ?? 'address') !== 'address' || /:.*@/s.test(String(input));
  return sayIssue({ ...issue, input }, isHidden ? kindOfValue : shown);
}

/** A setting that several variables give in parts has several origins. */
function originsOf(settings: Layer): Origins {
  const origins = new Map<string, string>();
  for (const [name, { origin }] of settings) {
    const setting = name.split('.').slice(0, 2).join('.');
    const before = origins.get(setting);
    origins.set(setting, before === undefined || name === setting ? origin : `${before}, ${origin}`);
  }
  return origins;
}

/** Sorts settings into those of the schema, those that are known and not used, and those that nobody knows. */
function sort(
  settings: Layer,
  schema: ReturnType<typeof configSchema>,
): { readonly known: Layer; readonly unused: readonly string[]; readonly unknown: readonly string[] } {
  const names = knownSettings(schema);
  const isKnown = (name: string): boolean =>
    Object.hasOwn(schema.shape, name) || names.includes(name.split('.').slice(0, 2).join('.'));
  const others = [...settings].filter(([name]) => !isKnown(name));
  return {
    known: new Map([...settings].filter(([name]) => isKnown(name))),
    unused: others.flatMap(([name]) => (isUnused(name) ? [name] : [])),
    unknown: others.flatMap(([name, { origin }]) => (isUnused(name) ? [] : [unknownSetting(name, origin, names)])),
  };
}

/** The dotted names of all settings of the schema. */
function knownSettings(schema: ReturnType<typeof configSchema>): readonly string[] {
  return Object.entries(schema.shape).flatMap(([section, inner]) => {
    const type = 'unwrap' in inner ? inner.unwrap() : inner;
    const shape = 'shape' in type ? type.shape : undefined;
    return shape ? Object.keys(shape).map((key) => `${section}.${key}`) : [section];
  });
}

function unknownSetting(name: string, origin: string, known: readonly string[]): string {
  const near = nearest(name, [...known, ...unusedSettings]);
  return `${origin}: unknown setting ${name} is left out; ${near ? `did you mean ${near}?` : 'no setting has a name like it'}`;
}

/** Puts settings into their sections. A variable may name a part of a setting: `ATTUNE__WORKER__LABELS__ZONE`. */
function nest(settings: Layer): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, { value }] of settings) put(root, name.split('.'), value);
  return root;
}

function put(into: Record<string, unknown>, [key = '', ...deeper]: readonly string[], value: unknown): void {
  if (deeper.length === 0) {
    into[key] = value;
    return;
  }
  const inner = { ...(isRecord(into[key]) ? into[key] : {}) };
  put(inner, deeper, value);
  into[key] = inner;
}

function freeze(config: Config): Config {
  for (const section of Object.values(config)) Object.freeze(section);
  return Object.freeze(config);
}
