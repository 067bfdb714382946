import type { OutputFormat, ParameterFormat, Parameters as Values } from '#domain/action.ts';
import { formatParameters } from '#execution/script/format-parameters.ts';
import { parseOutput } from '#execution/script/parse-output.ts';
import { loadPackAt, loadPacks } from '#packs/load-action.ts';
import { checkParameters } from '#packs/parameter-schema.ts';

/** What can be done aside. Requests and answers travel as JSON. */
export const asideTasks = {
  readOutput: ({ stdout, format }: { readonly stdout: string; readonly format: OutputFormat }) =>
    parseOutput(Buffer.from(stdout, 'base64'), format),
  writeParameters: ({ values, format }: { readonly values: Values; readonly format: ParameterFormat }) =>
    formatParameters(values, format),
  loadPackAt: ({ directory }: { readonly directory: string }) => loadPackAt(directory),
  loadPacks: ({ directory }: { readonly directory: string }) => loadPacks(directory),
  checkParameters: ({ given, schema }: { readonly given: Values; readonly schema: Schema }) =>
    checkParameters(given, schema),
};

type Schema = Readonly<Record<string, unknown>> | undefined;
type Tasks = typeof asideTasks;

/** The names of the tasks. */
export type AsideTask = keyof Tasks;
export type AsideInput<Task extends AsideTask> = Parameters<Tasks[Task]>[0];
export type AsideOutput<Task extends AsideTask> = ReturnType<Tasks[Task]>;
