import { join } from 'node:path';
import { readProjectTable } from '#execution/environments/project-table.ts';
import { type BuildPlace, onPath, type Recipe, type RunChanges } from '#execution/environments/recipe.ts';

const run: RunChanges = {
  interpreter: ({ environment }) => join(environment, 'venv/bin/python'),
  variables: ({ environment }) => ({
    VIRTUAL_ENV: join(environment, 'venv'),
    ...onPath(join(environment, 'venv/bin')),
  }),
};

/** Wheels and archives that the pack brings along. */
function sources({ has, pack, isOffline }: BuildPlace): readonly string[] {
  return [...(has('vendor') ? ['--find-links', join(pack, 'vendor')] : []), ...(isOffline ? ['--no-index'] : [])];
}

function withUv(manifest: string, requirements: (place: BuildPlace) => string): Omit<Recipe, 'files'> {
  return {
    name: 'uv',
    manifest,
    inputs: ['requirements*.txt', 'requirements', 'constraints.txt', 'vendor'],
    tool: { binary: 'uv', fix: '', isOptional: true },
    commands: (place) => [
      [place.tool, 'venv', '--quiet', '--no-project', '--python', place.interpreter, join(place.environment, 'venv')],
      [
        ...[place.tool, 'pip', 'install', '--python', join(place.environment, 'venv/bin/python')],
        ...[...sources(place), ...(place.isOffline ? ['--offline'] : []), '-r', requirements(place)],
      ],
    ],
    variables: () => ({
      UV_PYTHON_DOWNLOADS: 'never',
      UV_NO_WRAP: '1',
      /* Nothing is shared with the cache, and nothing is left to be written when scripts run. */
      UV_LINK_MODE: 'copy',
      UV_COMPILE_BYTECODE: '1',
    }),
    run,
  };
}

/** The log of pip, the only place where pip says what an index has answered. */
function pipLog({ environment }: BuildPlace): string {
  return join(environment, 'tmp/pip.log');
}

function withPip(manifest: string, requirements: (place: BuildPlace) => string): Omit<Recipe, 'files'> {
  return {
    name: 'pip',
    manifest,
    inputs: ['requirements*.txt', 'requirements', 'constraints.txt', 'vendor'],
    questions: [
      {
        args: ['-c', 'import venv, ensurepip'],
        fix: 'this Python has no venv module with pip: install it in the image (Debian: python3-venv), or put uv on PATH',
      },
    ],
    commands: (place) => [
      [place.interpreter, '-m', 'venv', join(place.environment, 'venv')],
      [
        ...[join(place.environment, 'venv/bin/python'), '-m', 'pip', 'install'],
        ...['--no-input', '--disable-pip-version-check', '--no-warn-script-location'],
        ...[...sources(place), '-r', requirements(place)],
      ],
    ],
    variables: (place) => ({ PIP_LOG: pipLog(place) }),
    logs: (place) => [pipLog(place)],
    run,
  };
}

/** The dependencies of a project, without the project itself: a pack is no package. */
const fromProject: Pick<Recipe, 'files' | 'isNeeded'> = {
  isNeeded: (text) => readProjectTable(text) !== undefined || /^\[tool\.poetry/m.test(text),
  files: ({ text }) => {
    const project = readProjectTable(text);
    if (project === undefined)
      throw new Error('it has no [project] table, and that of Poetry is not read: export a requirements.txt');
    const dependencies = project['dependencies'] ?? [];
    if (!Array.isArray(dependencies)) throw new Error('project.dependencies is no list');
    return { 'requirements.txt': dependencies.map((one) => `${one}\n`).join('') };
  },
};

const written = ({ manifest }: BuildPlace): string => manifest;
const generated = ({ environment }: BuildPlace): string => join(environment, 'requirements.txt');

export const python: readonly Recipe[] = [
  withUv('requirements.txt', written),
  withPip('requirements.txt', written),
  { ...withUv('pyproject.toml', generated), ...fromProject },
  { ...withPip('pyproject.toml', generated), ...fromProject },
];
