import type { OutputFormat, ParameterFormat, Parameters } from '#domain/action.ts';
import type { Result } from '#domain/result.ts';
import { formatParameters } from './format-parameters.ts';
import { parseOutput } from './parse-output.ts';

/**
 * The work on data of executions, whose cost others decide. A process that must not stand still has it done elsewhere.
 * The errors are sentences.
 */
export interface DataWork {
  /** Parses what an action printed, as `parseOutput` does. */
  readOutput(stdout: Uint8Array, format: OutputFormat): Promise<Result<unknown, string>>;
  /** Formats parameters as an action reads them, as `formatParameters` does. */
  writeParameters(values: Parameters, format: ParameterFormat): Promise<Result<string, string>>;
}

/** Does the work in this process, at once. */
export const dataWorkHere: DataWork = {
  readOutput: async (stdout, format) => parseOutput(stdout, format),
  writeParameters: async (values, format) => formatParameters(values, format),
};
