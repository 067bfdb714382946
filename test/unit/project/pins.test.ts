import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import manifest from '#package.json' with { type: 'json' };
import { projectRoot } from '#test/support/project.ts';

test('one version of Bun is pinned everywhere, and runs these tests', () => {
  const pin = manifest.packageManager.replace('bun@', '');
  expect(manifest.devDependencies['@types/bun']).toBe(pin);
  expect(readFileSync(`${projectRoot}/docker/Dockerfile.agent`, 'utf8')).toContain(`ARG BUN_VERSION=${pin}\n`);
  const sums = readFileSync(`${projectRoot}/.ci/bun.sha256`, 'utf8').trim().split('\n');
  for (const line of sums)
    expect(line).toMatch(new RegExp(`^[0-9a-f]{64}  bun-linux-\\S+-v?${pin.replaceAll('.', '\\.')}(\\.tgz)?$`));
  expect(Bun.version).toBe(pin);
});

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the version of package.json is that of the chart, and the changelog describes it', () => {
  const read = (name: string): string => readFileSync(`${projectRoot}/${name}`, 'utf8');
  const chart = read('charts/attune-agent/Chart.yaml');
  expect(chart).toContain(`\nversion: ${manifest.version}\n`);
  expect(chart).toContain(`\nappVersion: "${manifest.version}"\n`);
  expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## \\[${manifest.version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm'));
});

test('the licence is named in package.json, and its text is there', () => {
  expect(manifest.license).toBe('Apache-2.0');
  expect(readFileSync(`${projectRoot}/LICENSE`, 'utf8')).toContain(
    'Apache License\n                           Version 2.0',
  );
});

const read = (name: string): string => readFileSync(`${projectRoot}/${name}`, 'utf8');
const inspect = 'docker buildx imagetools inspect';

test('each image that the Dockerfile begins with may be given by digest', () => {
  const text = read('docker/Dockerfile.agent');
  const stages = [...text.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, name]) => name);
  const [head = ''] = text.split(/^FROM /m);
  const images = [...text.matchAll(/^(?:FROM|COPY --from=)(?: ?--platform=\S+)? ?(\S+)/gm)].map(
    ([, image = '']) => image,
  );
  expect(images.length).toBeGreaterThan(3);
  for (const image of images.filter((one) => one !== 'scratch' && !stages.includes(one)))
    expect(head, image).toContain(`\nARG ${/^\$\{(\w+_IMAGE)\}$/.exec(image)?.[1]}=`);
  expect(head).toContain(inspect);
});

test('each image of the Compose files may be given by digest, by a variable', () => {
  const files = [...new Bun.Glob('docker/**/*.yaml').scanSync(projectRoot)];
  const images = files.flatMap((file) => imagesIn(Bun.YAML.parse(read(file))));
  expect(images.length).toBeGreaterThan(12);
  for (const image of images) expect(image).toMatch(/^\$\{ATTUNE_[A-Z]+_IMAGE:-\S+:\S+\}$/);
  for (const file of ['docker/compose.yaml', 'docker/compose.workers.yaml']) expect(read(file)).toContain(inspect);
});

test('each image of the chart has a digest beside it, and the plain worker says how', () => {
  const files = [...new Bun.Glob('charts/attune-agent/templates/**/*.yaml').scanSync(projectRoot)];
  const lines = files.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => /(?:\bimage|reference|_IMAGE, value): /.test(line)),
  );
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines)
    expect(line).toMatch(/include "attune\.image"|\.digest \}\}@|image: \{ reference: \{\{ include "attune\.image"/);
  expect(read('charts/attune-agent/templates/_helpers.tpl')).toMatch(/define "attune\.image"[^%]*%s:%s.*digest \}\}@/);
  expect(read('charts/attune-agent/values.yaml')).toContain(inspect);
  expect(read('charts/plain/worker.yaml')).toContain(inspect);
});

/** The images of services and of mounts, wherever they are in a Compose file. */
function imagesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { image, type, source } = value as { readonly [key: string]: unknown };
  const own = [image, type === 'image' ? source : undefined].filter((one) => typeof one === 'string');
  return [...own, ...Object.values(value).flatMap(imagesIn)];
}
