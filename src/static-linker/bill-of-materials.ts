import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { linkedComponents } from './linked-components.ts';
import type { ToolchainVersions } from './toolchain.ts';

const { Component, LicenseExpression, SpdxLicense } = Models;

/** A package in the lock file: name and version, where from, what it depends on, and its integrity. */
type Locked = readonly [string, string, { readonly dependencies?: Readonly<Record<string, string>> }, string?];

interface Lock {
  readonly workspaces: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
  readonly packages: Readonly<Record<string, Locked>>;
}

/**
 * All that the file is made of, as one line of CycloneDX 1.6: the packages by the lock file with the licences that are
 * installed with them, what depends on what, and what is linked. The optionalDependencies of package.json are for the
 * build (the Dockerfile installs them, and no devDependencies) and no part of the file.
 *
 * The same tree gives the same bytes: there is no serial number, no time, and no sorting by the locale of the machine.
 */
export async function billOfMaterials(root: string, toolchain: ToolchainVersions): Promise<string> {
  const { default: lock } = (await import(join(root, 'bun.lock'))) as { readonly default: Lock };
  const direct = Object.keys(lock.workspaces['']?.dependencies ?? {});
  const packages = new Map(closure(lock, direct).map((key) => [key, packageAt(root, lock, key)]));
  for (const [key, component] of packages)
    for (const on of dependenciesOf(lock, key)) depend(component, packages.get(on));
  const linked = linkedComponents(toolchain);
  const whole = wholeFile(root);
  for (const name of direct) depend(whole, packages.get(name));
  for (const one of linked) depend(whole, one);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: whole }),
    components: new Models.ComponentRepository([...packages.values(), ...linked]),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return withPatches(serializer.serialize(bom), patchesIn(root));
}

/** The patches of ours, by name and version of the package that they change. */
function patchesIn(root: string): ReadonlyMap<string, string> {
  const { patchedDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly patchedDependencies?: Readonly<Record<string, string>>;
  };
  return new Map(Object.entries(patchedDependencies).map(([of, path]) => [of, readFileSync(join(root, path), 'utf8')]));
}

/** Adds the patches to what is written of the packages, for which the library has no words. */
function withPatches(text: string, patches: ReadonlyMap<string, string>): string {
  const bill = JSON.parse(text) as { readonly components: readonly { name: string; version?: string }[] };
  const components = bill.components.map((one) => {
    const patch = patches.get(`${one.name}@${one.version}`);
    if (patch === undefined) return one;
    const content = Buffer.from(patch).toString('base64');
    const diff = { text: { contentType: 'text/x-diff', encoding: 'base64', content } };
    return { ...one, pedigree: { patches: [{ type: 'unofficial', diff }] } };
  });
  return JSON.stringify({ ...bill, components });
}

function depend(component: Models.Component, on: Models.Component | undefined): void {
  if (on) component.dependencies.add(on.bomRef);
}

/** The keys of packages and of what they depend on, by name. */
function closure(lock: Lock, direct: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (key: string): void => {
    if (!lock.packages[key] || found.has(key)) return;
    found.add(key);
    for (const on of dependenciesOf(lock, key)) visit(on);
  };
  for (const name of direct) visit(name);
  return [...found].toSorted();
}

/** The keys of what a package depends on. Several versions of one package have the paths of their dependents. */
function dependenciesOf(lock: Lock, key: string): readonly string[] {
  const names = Object.keys(lock.packages[key]?.[2].dependencies ?? {});
  return names.map((name) => (lock.packages[`${key}/${name}`] ? `${key}/${name}` : name));
}

function wholeFile(root: string): Models.Component {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license?: string;
  };
  return new Component(Enums.ComponentType.Application, 'attune-agent', {
    version,
    bomRef: `attune-agent@${version}`,
    licenses: new Models.LicenseRepository(license === undefined ? [] : [new SpdxLicense(license)]),
  });
}

const SHA512 = 'sha512-';

function packageAt(root: string, lock: Lock, key: string): Models.Component {
  const [identity = '', , , integrity = ''] = lock.packages[key] ?? [];
  const at = identity.lastIndexOf('@');
  const [name, version] = [identity.slice(0, at), identity.slice(at + 1)];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const digest = Buffer.from(integrity.slice(SHA512.length), 'base64').toString('hex');
  return new Component(Enums.ComponentType.Library, name, {
    version,
    bomRef: purl,
    purl,
    licenses: new Models.LicenseRepository(licenseIn(directoryOf(root, key))),
    hashes: new Models.HashDictionary(integrity.startsWith(SHA512) ? [[Enums.HashAlgorithm['SHA-512'], digest]] : []),
  });
}

/** `a/@b/c/d` of a lock file is d, which lies within @b/c, which lies within a. */
function directoryOf(root: string, key: string): string {
  const names = key.match(/(?:@[^/]+\/)?[^/]+/g) ?? [];
  return join(root, ...names.flatMap((name) => ['node_modules', name]));
}

/** The licence that a package names, with its text; none where it names none. */
function licenseIn(directory: string): readonly Models.License[] {
  const described = join(directory, 'package.json');
  if (!existsSync(described)) return [];
  const { license } = JSON.parse(readFileSync(described, 'utf8')) as { readonly license?: string };
  if (license === undefined) return [];
  if (license.includes(' ')) return [new LicenseExpression(license)];
  const file = readdirSync(directory, { withFileTypes: true })
    .filter((one) => one.isFile() && /^licen[cs]e/i.test(one.name))
    .map(({ name }) => name)
    .toSorted()[0];
  const text = file && new Models.Attachment(readFileSync(join(directory, file), 'utf8'));
  return [new SpdxLicense(license, text ? { text } : {})];
}
