/** A complaint about one field of something from outside, in the shape of zod's issues. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One sentence for all complaints, each with the path of its field; `whole` stands for what has no path. */
export function describeIssues(issues: readonly Issue[], whole: string): string {
  return issues.map(({ path, message }) => `${path.map(String).join('.') || whole}: ${message}`).join('; ');
}
