import { Command, Option } from 'commander';
import type { ClientOptions } from '#cli/api-client/client.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { client, type Finish } from './client-verbs.ts';
import type { EnvironmentsOptions } from './environments.ts';

function local(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--directory <directory>', 'where they are; default: runtime_envs_dir, else beside executions')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'));
}

/** What is installed or compiled for packs on this machine. */
export function describeEnvironments(program: Command, env: ProcessEnv, finish: Finish): void {
  const environments = program
    .command('environments')
    .description('what is installed or compiled for packs, on this machine and by all workers');
  environments.addCommand(
    local('list', 'those of this machine, those used last first').action(async (options: EnvironmentsOptions) => {
      const { listEnvironments } = await import('./environments.ts');
      finish(await listEnvironments(options, env));
    }),
  );
  environments.addCommand(
    client('status', 'of all workers, as the server knows: what is being built, what failed and why').action(
      async (options: ClientOptions) => {
        const { environmentsStatus } = await import('./environments-status.ts');
        finish(await environmentsStatus(options, env));
      },
    ),
  );
  environments.addCommand(
    local('build', 'build ahead what packs need: into an image, or a volume that workers only read')
      .argument('[packs...]', 'default: all')
      .option('--packs <directory>', 'where the packs are; default: packs_base_dir of the configuration, else ./packs')
      .action(async (packs: readonly string[], options: EnvironmentsOptions) => {
        const { buildEnvironments } = await import('./environments.ts');
        finish(await buildEnvironments(packs, options, env));
      }),
  );
  environments.addCommand(
    local('prune', 'remove those that nobody has used for long')
      .option('--days <days>', 'unused for so long; default: environments.max_age_days (30)')
      .option('--all', 'all that were ever built')
      .action(async (options: EnvironmentsOptions & { readonly all?: true; readonly days?: string }) => {
        const { pruneEnvironments } = await import('./environments.ts');
        finish(await pruneEnvironments(options, env));
      }),
  );
}
