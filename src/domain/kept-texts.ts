/** A kind of scalar that a schema takes, or one value of it. */
export interface TakenScalar {
  readonly type: unknown;
  readonly value?: unknown;
}

/** A number or a boolean with the text that it was written as. */
export interface WrittenScalar {
  readonly value: unknown;
  readonly source: string;
}

/** The types of a schema that are scalars and not null. */
export const SCALAR_TYPES: readonly unknown[] = ['string', 'number', 'integer', 'boolean'];
/** Keywords that hold schemas of the same value. */
export const ALTERNATIVES = ['oneOf', 'anyOf', 'allOf'] as const;
/** References and alternatives are followed this many steps, and so many alternatives of each. */
export const MOST_STEPS = 4;
export const MOST_FORMS = 8;

const WHOLE_NUMBER = /^[-+]?(0|[1-9]\d*|0[xo][\da-f]+)$/i;

/** Tells whether a scalar is a text for a schema that takes texts, and nothing that the scalar is as it was written. */
export function isMeantAsText({ value, source }: WrittenScalar, taken: readonly TakenScalar[]): boolean {
  const isTaken = (one: TakenScalar): boolean => {
    if (one.value !== undefined) return one.value === value;
    if (one.type === 'integer') return Number.isInteger(value) && WHOLE_NUMBER.test(source);
    return one.type === typeof value;
  };
  return taken.some(({ type }) => type === 'string') && !taken.some(isTaken);
}
