import { HIDDEN_VALUE } from '#domain/masks.ts';
import { isRecord } from '#domain/record.ts';

interface Open {
  readonly values: Readonly<Record<string, unknown>>;
  /** The places of what is not among the values, as words of a line. */
  readonly hidden: readonly string[];
}

/**
 * The parameters of an execution without what only stands for secrets of them, which nobody may take for values. A list
 * of which a member is hidden is left out whole: another member would take its place.
 */
export function withoutHidden(parameters: unknown): Open {
  const hidden: string[] = [];
  const open = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return openList(value, path);
    if (isRecord(value)) return openMembers(value, path);
    if (value !== HIDDEN_VALUE) return value;
    hidden.push(asWord(path));
    return undefined;
  };
  const openList = (list: readonly unknown[], path: string): readonly unknown[] | undefined => {
    const members = list.map((one, n) => open(one, `${path}.${n}`));
    return members.includes(undefined) ? undefined : members;
  };
  const openMembers = (group: Readonly<Record<string, unknown>>, path: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(group).flatMap(([name, one]) => {
        const value = open(one, path === '' ? name : `${path}.${name}`);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  return { values: isRecord(parameters) ? openMembers(parameters, '') : {}, hidden };
}

/** Names may be any text: one with line breaks would end a comment. */
function asWord(path: string): string {
  return /^[\w.-]+$/.test(path) ? path : JSON.stringify(path);
}
