/**
 * The result of something that may fail as expected: a value or an error. Where errors are of several kinds, `E` is a
 * union tagged by `kind`.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function success<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function failure<E>(error: E): Result<never, E> {
  return { ok: false, error };
}
