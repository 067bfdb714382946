import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** Why something of a pack cannot be loaded; `message` names the file and the field, or the nearest names. */
export interface PackProblem {
  readonly kind: 'no-such-pack' | 'no-such-action' | 'invalid-pack';
  readonly message: string;
}

const MOST_YAML_BYTES = 1024 * 1024;

export function readYaml<S extends z.ZodType>(file: string, schema: S): Result<z.infer<S>, PackProblem> {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MOST_YAML_BYTES) return problem('invalid-pack', `${file}: larger than ${MOST_YAML_BYTES} bytes`);
    const document = parseDocument(text);
    const broken = document.errors[0];
    if (broken) return problem('invalid-pack', `${file}: ${broken.message}`);
    const checked = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
    if (checked.success) return success(checked.data);
    const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`);
    return problem('invalid-pack', `${file}: ${issues.join('; ')}`);
  } catch (error) {
    return problem('invalid-pack', `${file}: ${messageOf(error)}`);
  }
}

export function problem(kind: PackProblem['kind'], message: string): Result<never, PackProblem> {
  return failure({ kind, message });
}
