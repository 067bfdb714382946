import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseYamlDocuments } from '#formats/yaml-documents.ts';
import { inject } from '#webhook/inject.ts';
import { describeManifest, type PodInside, podsIn, withPod } from '#webhook/manifests.ts';
import { type PatchStep, patchBetween } from '#webhook/patch.ts';
import type { InjectionSettings } from '#webhook/settings.ts';
import { isAskedFor } from '#webhook/wishes.ts';

/** The file descriptor of stdin. */
const STDIN = 0;
const NO_PODS =
  'nothing in it makes Pods: give a Pod, or what makes some, such as a Deployment, StatefulSet, DaemonSet, Job or CronJob; of another resource give a Pod that its operator has made (kubectl get pod NAME -o yaml)';

interface Testing {
  readonly settings: InjectionSettings;
  /** json: the patch. yaml: the manifests as they become. */
  readonly format: 'json' | 'yaml';
}

interface Manifest {
  readonly raw: unknown;
  readonly pods: readonly PodInside[];
}

/** What becomes of a manifest. */
interface Outcome {
  readonly patch: readonly PatchStep[];
  readonly after: unknown;
  /** Sentences for stderr. */
  readonly remarks: readonly string[];
  /** Whether a Pod asks to become a worker and cannot. */
  readonly hasFailed: boolean;
}

/** Prints what becomes of the Pods of the manifests in a file. Warnings go to stderr. Resolves with the exit code. */
export async function testWebhook(file: string, { settings, format }: Testing): Promise<number> {
  const read = readManifests(file);
  if (!read.ok) {
    await complain(`${file === '-' ? 'stdin' : file}: ${read.error}`);
    return EXIT.failure;
  }
  const manifests = read.value;
  const outcomes = manifests.map((one) => outcomeOf(one, settings));
  const without = manifests.filter(({ pods }) => pods.length === 0).map(({ raw }) => describeManifest(raw));
  const note = without.length === 0 ? [] : [`note: without Pods, and as they were: ${without.join(', ')}`];
  for (const remark of [...outcomes.flatMap(({ remarks }) => remarks), ...note])
    await write(process.stderr, `${remark}\n`);
  await write(
    process.stdout,
    format === 'json'
      ? `${JSON.stringify(patchesOf(manifests, outcomes), null, 2)}\n`
      : outcomes.map(({ after }) => stringify(after, { aliasDuplicateObjects: false })).join('---\n'),
  );
  return outcomes.some(({ hasFailed }) => hasFailed) ? EXIT.failure : EXIT.success;
}

function readManifests(file: string): Result<readonly Manifest[], string> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file === '-' ? STDIN : file);
  } catch (error) {
    return failure(fileErrorOf(error));
  }
  const documents = parseYamlDocuments(bytes);
  if (!documents.ok) return documents;
  /* What Helm leaves of an empty template is a document of comments. */
  const written = documents.value.flatMap((raw, index) => (raw === null ? [] : [{ raw, number: index + 1 }]));
  const manifests: Manifest[] = [];
  for (const { raw, number } of written) {
    const pods = podsIn(raw);
    if (!pods.ok) return failure(`${written.length > 1 ? `document ${number}: ` : ''}${pods.error}`);
    manifests.push({ raw, pods: pods.value });
  }
  return manifests.some(({ pods }) => pods.length > 0) ? success(manifests) : failure(NO_PODS);
}

/** The patch of one manifest; of several, which patch is whose. */
function patchesOf(manifests: readonly Manifest[], outcomes: readonly Outcome[]): unknown {
  const patches = outcomes.map(({ patch }) => patch);
  return patches.length === 1
    ? patches[0]
    : patches.map((patch, index) => ({ manifest: describeManifest(manifests[index]?.raw), patch }));
}

function outcomeOf({ raw, pods }: Manifest, settings: InjectionSettings): Outcome {
  const patch: PatchStep[] = [];
  const remarks: string[] = [];
  let after = raw;
  let hasFailed = false;
  for (const inside of pods) {
    const { pod, warnings } = inject(inside.pod, inside.namespace, settings);
    const whose = inside.path.length === 0 ? '' : `${inside.owner}: `;
    remarks.push(...warnings.map((warning) => `warning: ${whose}${warning}${optionFor(warning)}`));
    hasFailed ||= !pod && warnings.some((one) => one.startsWith('not made'));
    if (!pod && isAskedFor(inside.pod) === false) remarks.push(`note: ${describeUnasked(inside)}`);
    if (!pod) continue;
    patch.push(...patchBetween(inside.raw, pod, inside.path.map((key) => `/${key}`).join('')));
    after = withPod(after, inside.path, pod);
  }
  return { patch, after, remarks, hasFailed };
}

/** The option of this verb that stands for an annotation which is missing. */
function optionFor(warning: string): string {
  if (warning.includes('no server: ')) return ', or give --api-url';
  return warning.includes('no token: ') ? ', or give --secret' : '';
}

function describeUnasked({ path, owner }: PodInside): string {
  if (path.length === 0) return 'the Pod does not ask for it: annotate it with attune.io/inject: "true"';
  const place = [...path, 'metadata', 'annotations'].join('.');
  return `the Pods of ${owner} do not ask for it: put attune.io/inject: "true" into ${place}, annotations of ${owner} itself are not read`;
}
