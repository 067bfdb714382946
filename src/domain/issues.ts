/** A complaint about one field of something from outside, in the shape of zod's issues. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Describes all complaints about a value in one sentence, each with the path of its field; `whole` stands for the value
 * as a whole.
 */
export function describeIssues(issues: readonly Issue[], whole: string): string {
  return issues.map(({ path, message }) => `${path.map(String).join('.') || whole}: ${message}`).join('; ');
}
