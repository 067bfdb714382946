import { expect, test } from 'bun:test';
import { families } from '#domain/families.ts';
import { recipeOf, runtimeTemplates } from '#execution/environments/execution-config.ts';

test('every family has a template for the registry, which names its interpreter', () => {
  const templates = runtimeTemplates();
  expect(templates.map((one) => one.name)).toEqual(families.map((one) => one.name));
  for (const { executionConfig } of templates) expect(executionConfig.interpreter?.binary).toMatch(/^[A-Za-z]+3?$/);
  expect(templates.find((one) => one.name === 'python')?.executionConfig).toEqual({
    interpreter: { binary: 'python3', args: ['-u'], file_extension: '.py' },
    environment: {
      env_type: 'pip',
      dir_name: '.',
      create_command: ['{interpreter}', '-m', 'venv', '{env_dir}/venv'],
      interpreter_path: '{env_dir}/venv/bin/python',
    },
    dependencies: {
      manifest_file: 'requirements.txt',
      install_command: [
        ...['{env_dir}/venv/bin/python', '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check'],
        ...['--no-warn-script-location', '-r', '{manifest_path}'],
      ],
    },
  });
});

test('an environment that no command makes is made by what installs dependencies', () => {
  const recipe = recipeOf({
    environment: { dir_name: 'made', create_command: [] },
    dependencies: { manifest_file: 'm.txt', install_command: ['install', '{env_dir}', '{manifest_path}'] },
  });
  const place = {
    ...{ interpreter: '/i', tool: '', environment: '/e', pack: '/p', text: '', manifest: '/p/m.txt', cache: '/c' },
    ...{ isOffline: false, dependencies: undefined, has: () => false },
  };
  expect(recipe?.commands(place)).toEqual([['install', '/e/made', '/p/m.txt']]);
});
