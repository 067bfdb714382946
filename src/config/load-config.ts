import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { environmentLayer, fileLayer, flagLayer, type Layer } from './layers.ts';
import { type Config, configSchema } from './schema.ts';
import { withCertificates } from './url-certificates.ts';

export interface ConfigSources {
  /** Values by dotted names such as `worker.name`. Undefined: not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: ProcessEnv;
  /** The path of a YAML file, which must exist. Undefined: the file of `ATTUNE_CONFIG`, or none. */
  readonly file: string | undefined;
}

export interface Machine {
  readonly hostname: string;
  readonly isContainer: boolean;
}

/**
 * Loads the configuration: flags win over the environment, it over the file, and that over defaults. Errors are
 * sentences that name where a setting came from.
 */
export function loadConfig(sources: ConfigSources, machine: Machine): Result<Config, readonly string[]> {
  const path = sources.file ?? sources.env['ATTUNE_CONFIG'];
  const file = path === undefined ? success<Layer>(new Map()) : fileLayer(path);
  const environment = environmentLayer(sources.env);
  const broken = [file, environment].flatMap((layer) => (layer.ok ? [] : layer.error));
  if (!(file.ok && environment.ok)) return failure(broken);
  const settings: Layer = new Map([...file.value, ...environment.value, ...flagLayer(sources.flags)]);
  const schema = configSchema(machine.hostname, machine.isContainer);
  const known = knownSettings(schema);
  const unknown = [...settings].flatMap(([name, { origin }]) =>
    known.includes(name) ? [] : [unknownSetting(name, origin, known)],
  );
  if (unknown.length > 0) return failure(unknown);
  const checked = schema.safeParse(nest(settings));
  if (checked.success) return success(freeze(withCertificates(checked.data)));
  return failure(
    checked.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return `${settings.get(name)?.origin ?? 'configuration'}: ${name}: ${issue.message}`;
    }),
  );
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
  const near = nearest(name, known);
  const hint = near ? `did you mean ${near}?` : `known are ${known.join(', ')}`;
  return `${origin}: unknown setting ${name}; ${hint}`;
}

function nest(settings: Layer): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, { value }] of settings) {
    const [section = '', key] = name.split('.');
    if (key === undefined) root[section] = value;
    else root[section] = { ...Object(root[section]), [key]: value };
  }
  return root;
}

function freeze(config: Config): Config {
  for (const section of Object.values(config)) Object.freeze(section);
  return Object.freeze(config);
}
