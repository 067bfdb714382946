/** A message that repeats what others wrote, with its middle left out where it is long. */
export function shortened(message: string, longest = 600): string {
  if (message.length <= longest) return message;
  const kept = Math.floor(longest / 3);
  const [head, tail] = [message.slice(0, kept), message.slice(-kept)];
  return `${head}… (${message.length - head.length - tail.length} characters) …${tail}`;
}

/** The beginning of a text: `most` characters, and an ellipsis where it goes on. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
