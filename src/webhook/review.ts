import { z } from 'zod';
import { failure, type Result, success } from '#domain/result.ts';
import { parseJsonBytes } from '#formats/json.ts';
import { cut } from './cut.ts';
import { inject } from './inject.ts';
import { type PatchStep, patchBetween } from './patch.ts';
import { type Pod, podSchema } from './pod.ts';
import type { InjectionSettings } from './settings.ts';

const API_VERSION = 'admission.k8s.io/v1';

const review = z.looseObject({
  apiVersion: z.literal(API_VERSION, `apiVersion must be ${API_VERSION}`),
  kind: z.literal('AdmissionReview', 'kind must be AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1).max(1000),
    operation: z.string(),
    namespace: z.string().optional(),
    resource: z.looseObject({ group: z.string(), version: z.string(), resource: z.string() }),
    subResource: z.string().optional(),
    object: z.unknown(),
  }),
});

/** The answer to an API server: every Pod is allowed, some are patched. */
interface Answer {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: true;
    readonly patchType?: 'JSONPatch';
    /** JSON in base64. */
    readonly patch?: string;
    readonly warnings?: readonly string[];
  };
}

/** What was done: for the log and the metrics. */
export type Deed = 'injected' | 'unchanged' | 'refused';

export interface Reviewed {
  readonly answer: Answer;
  readonly deed: Deed;
  /** What the Pod is called. Where the API server makes the name, it is what that begins with. */
  readonly pod: { readonly namespace: string | undefined; readonly name: string | undefined };
  readonly warnings: readonly string[];
}

/** The API server shows no more than so many characters of a warning. */
const LONGEST_WARNING = 256;
const MOST_WARNINGS = 15;
/** Characters of names, which Kubernetes has not checked yet, and of reasons that are logged. */
const LONGEST_NAME = 253;
const LONGEST_REASON = 256;

/** Answers a request for admission. The error says why it is none; whoever asks gets no answer then. */
export function answerReview(bytes: Uint8Array, settings: InjectionSettings): Result<Reviewed, string> {
  const json = parseJsonBytes(bytes);
  if (!json.ok) return failure(cut(`not JSON that can be read: ${json.error}`, LONGEST_REASON));
  const read = review.safeParse(json.value);
  if (!read.success) return failure(cut(`not an AdmissionReview: ${describe(read.error)}`, LONGEST_REASON));
  const { operation, resource, subResource = '', namespace, object } = read.data.request;
  const isPod =
    resource.group === '' && resource.version === 'v1' && resource.resource === 'pods' && subResource === '';
  /* What is no Pod is refused by the API server, which says so better. */
  const pod = isPod && operation === 'CREATE' ? podSchema.safeParse(object).data : undefined;
  const { pod: after, warnings: all } = pod ? inject(pod, namespace, settings) : { warnings: [] };
  const warnings = all.slice(0, MOST_WARNINGS).map((one) => cut(one, LONGEST_WARNING));
  return success({
    answer: {
      apiVersion: API_VERSION,
      kind: 'AdmissionReview',
      response: {
        uid: read.data.request.uid,
        allowed: true,
        ...(after ? { patchType: 'JSONPatch', patch: encoded(patchBetween(object, after)) } : {}),
        ...(warnings.length > 0 ? { warnings } : {}),
      },
    },
    deed: after ? 'injected' : warnings.length > 0 ? 'refused' : 'unchanged',
    pod: { namespace: cutName(namespace), name: cutName(nameOf(pod)) },
    warnings,
  });
}

function encoded(patch: readonly PatchStep[]): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}

function nameOf(pod: Pod | undefined): string | undefined {
  return pod?.metadata.name || pod?.metadata.generateName || undefined;
}

function cutName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : cut(name, LONGEST_NAME);
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'unknown' : `${issue.path.join('.')}: ${issue.message}`;
}
