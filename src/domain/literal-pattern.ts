/** The source of a regular expression that matches a text as it is, whatever characters it has. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
