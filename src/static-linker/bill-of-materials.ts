import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** CycloneDX 1.6, as far as it is used here: https://cyclonedx.org/docs/1.6/json/ */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

interface Component {
  readonly type: 'application' | 'library' | 'platform';
  readonly name: string;
  readonly version?: string;
  readonly 'bom-ref': string;
  readonly purl?: string;
  readonly licenses: readonly License[];
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
}

type License =
  | { readonly license: { readonly id: string; readonly text?: { readonly content: string } } }
  | { readonly expression: string };

/** Of the lock file: name and version, where from, what it depends on, and its integrity. */
type Locked = readonly [string, string, { readonly dependencies?: Readonly<Record<string, string>> }, string?];

interface Lock {
  readonly workspaces: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
  readonly packages: Readonly<Record<string, Locked>>;
}

/** All that the file is made of: packages by the lock file, with the licences that are installed with them; and what is linked. */
export async function billOfMaterials(root: string): Promise<BillOfMaterials> {
  const { default: lock } = (await import(join(root, 'bun.lock'))) as { readonly default: Lock };
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; license?: string };
  const names = closure(lock, Object.keys(lock.workspaces['']?.dependencies ?? {}));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: 'attune-agent',
        version: own.version,
        'bom-ref': `attune-agent@${own.version}`,
        licenses: own.license === undefined ? [] : [{ license: { id: own.license } }],
      },
    },
    components: [...names.map((name) => packageNamed(root, lock, name)), ...linked()],
  };
}

/** With what they depend on, by name. Several versions of one package have the paths of their dependents. */
function closure(lock: Lock, direct: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (key: string): void => {
    const entry = lock.packages[key];
    if (!entry || found.has(key)) return;
    found.add(key);
    for (const name of Object.keys(entry[2].dependencies ?? {}))
      visit(lock.packages[`${key}/${name}`] ? `${key}/${name}` : name);
  };
  for (const name of direct) visit(name);
  return [...found].toSorted();
}

function packageNamed(root: string, lock: Lock, key: string): Component {
  const [identity = '', , , integrity = ''] = lock.packages[key] ?? [];
  const at = identity.lastIndexOf('@');
  const [name, version] = [identity.slice(0, at), identity.slice(at + 1)];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    name,
    version,
    'bom-ref': purl,
    purl,
    licenses: [licenseIn(directoryOf(root, key, name))],
    ...(integrity.startsWith('sha512-') && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }],
    }),
  };
}

/** `a/b` lies within a. */
function directoryOf(root: string, key: string, name: string): string {
  const parent = key === name ? '' : key.slice(0, -name.length - 1);
  const nested = join(root, 'node_modules', parent, 'node_modules', name);
  return parent !== '' && existsSync(nested) ? nested : join(root, 'node_modules', name);
}

function licenseIn(directory: string): License {
  const described = join(directory, 'package.json');
  const { license = 'NOASSERTION' } = existsSync(described)
    ? (JSON.parse(readFileSync(described, 'utf8')) as { license?: string })
    : {};
  if (license.includes(' ')) return { expression: license };
  const file = existsSync(directory) ? readdirSync(directory).find((one) => /^licen[cs]e/i.test(one)) : undefined;
  const text = file === undefined ? {} : { text: { content: readFileSync(join(directory, file), 'utf8') } };
  return { license: { id: license, ...text } };
}

/** What the linker adds, and what Bun consists of. */
function linked(): readonly Component[] {
  const platform = (name: string, licenses: License, version?: string): Component => ({
    type: 'platform',
    name,
    ...(version !== undefined && { version }),
    'bom-ref': name,
    licenses: [licenses],
  });
  return [
    platform('bun', { license: { id: 'MIT' } }, Bun.version),
    platform('JavaScriptCore', { license: { id: 'LGPL-2.1-or-later' } }),
    platform('musl', { license: { id: 'MIT' } }),
    platform('libstdc++', { expression: 'GPL-3.0-or-later WITH GCC-exception-3.1' }),
    platform('libgcc', { expression: 'GPL-3.0-or-later WITH GCC-exception-3.1' }),
  ];
}
