import type { Parameters } from '#domain/action.ts';
import type { Result } from '#domain/result.ts';
import { type LoadedPack, loadPackAt, loadPacks } from './load-action.ts';
import { checkParameters } from './parameter-schema.ts';

/**
 * The work on packs and parameters whose cost others decide. A process that must not stand still has it done elsewhere.
 */
export interface PackWork {
  /** Loads the pack of one directory, as `loadPackAt` does. */
  loadPackAt(directory: string): Promise<Result<LoadedPack, string>>;
  /** Loads all packs of a directory, as `loadPacks` does. */
  loadPacks(directory: string): Promise<ReturnType<typeof loadPacks>>;
  /** Checks parameters and fills in defaults, as `checkParameters` does. */
  checkParameters(given: Parameters, schema: JsonSchema): Promise<Result<Parameters, readonly string[]>>;
}

type JsonSchema = Readonly<Record<string, unknown>> | undefined;

/** Does the work in this process, at once. */
export const packWorkHere: PackWork = {
  loadPackAt: async (directory) => loadPackAt(directory),
  loadPacks: async (directory) => loadPacks(directory),
  checkParameters: async (given, schema) => checkParameters(given, schema),
};
