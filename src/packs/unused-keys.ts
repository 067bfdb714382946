import { join, relative } from 'node:path';
import { isRecord } from '#domain/record.ts';
import { readStart } from '#formats/read-file.ts';
import { MOST_YAML_BYTES, parseYaml } from '#formats/yaml.ts';
import { filesOf } from './pack-parts.ts';
import { actionSchema, isUnused, packSchema, runtimeSchema } from './pack-schemas.ts';

/**
 * One sentence for each key of a pack that Attune's Rust control plane reads and nothing here uses. Files that cannot be
 * read have none: loading the pack says what is wrong with them.
 */
export function notesOnUnusedKeys(directory: string): readonly string[] {
  const files = [
    { path: join(directory, 'pack.yaml'), schema: packSchema },
    ...filesOf(directory, 'actions').map((path) => ({ path, schema: actionSchema })),
    ...filesOf(directory, 'runtimes').map((path) => ({ path, schema: runtimeSchema })),
  ];
  return files.flatMap(({ path, schema }) => {
    return keysOf(path)
      .filter((key) => isUnused(schema, key))
      .map((key) => `${relative(directory, path)}: ${key}: Attune's Rust control plane uses it, nothing here does`);
  });
}

function keysOf(path: string): readonly string[] {
  try {
    const parsed = parseYaml(readStart(path, MOST_YAML_BYTES + 1));
    return parsed.ok && isRecord(parsed.value) ? Object.keys(parsed.value) : [];
  } catch {
    return []; /* there is no such file, or it is said already why it cannot be read */
  }
}
