import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseYaml } from '#formats/yaml.ts';
import { inject } from '#webhook/inject.ts';
import { patchBetween } from '#webhook/patch.ts';
import { type Pod, podSchema } from '#webhook/pod.ts';
import type { InjectionSettings } from '#webhook/settings.ts';
import { isAskedFor } from '#webhook/wishes.ts';

/** The file descriptor of stdin. */
const STDIN = 0;

interface Testing {
  readonly settings: InjectionSettings;
  /** json: the patch. yaml: the Pod as it becomes. */
  readonly format: 'json' | 'yaml';
}

/** Prints what becomes of the Pod in a file. Warnings go to stderr. Resolves with the exit code. */
export async function testWebhook(file: string, { settings, format }: Testing): Promise<number> {
  const read = readPod(file);
  if (!read.ok) {
    await complain(`${file === '-' ? 'stdin' : file}: ${read.error}`);
    return EXIT.failure;
  }
  const { raw, pod } = read.value;
  const { namespace } = pod.metadata;
  const { pod: after, warnings } = inject(pod, typeof namespace === 'string' ? namespace : undefined, settings);
  for (const warning of warnings) await complain(`warning: ${warning}`);
  if (!after && isAskedFor(pod) === false)
    await write(process.stderr, 'note: the Pod does not ask for it: annotate it with attune.io/inject: "true"\n');
  const patch = after ? patchBetween(raw, after) : [];
  await write(
    process.stdout,
    format === 'json'
      ? `${JSON.stringify(patch, null, 2)}\n`
      : stringify(after ?? raw, { aliasDuplicateObjects: false }),
  );
  return !after && warnings.some((one) => one.startsWith('not made')) ? EXIT.failure : EXIT.success;
}

function readPod(file: string): Result<{ readonly raw: unknown; readonly pod: Pod }, string> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file === '-' ? STDIN : file);
  } catch (error) {
    return failure(fileErrorOf(error));
  }
  const raw = parseYaml(bytes);
  if (!raw.ok) return raw;
  const kind = kindOf(raw.value);
  if (kind !== 'Pod')
    return failure(`expected a Pod, found ${kind ?? 'no kind'}: of a Deployment or a Job give the Pod that it makes`);
  const pod = podSchema.safeParse(raw.value);
  if (pod.success) return success({ raw: raw.value, pod: pod.data });
  return failure(pod.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function kindOf(value: unknown): string | undefined {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return typeof kind === 'string' ? kind : undefined;
}
