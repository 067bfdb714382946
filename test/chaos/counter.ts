/** How often each kind of fault has happened. */
export interface Counter {
  count(what: string): void;
  of(what: string): number;
  all(): Readonly<Record<string, number>>;
}

export function createCounter(): Counter {
  const counts = new Map<string, number>();
  const of = (what: string): number => counts.get(what) ?? 0;
  return { of, count: (what) => void counts.set(what, of(what) + 1), all: () => Object.fromEntries(counts) };
}
