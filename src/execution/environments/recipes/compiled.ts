import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mavenArguments, mavenRepository } from '#execution/environments/installer-caches.ts';
import type { BuildPlace, ProgramRecipe, Recipe } from '#execution/environments/recipe.ts';
import { mainClassOf } from '#execution/environments/recipes/java-class.ts';

const program = ({ environment }: { readonly environment: string }): string => join(environment, 'program');
const runProgram: Pick<ProgramRecipe, 'run'> = { run: { command: (place) => [program(place)] } };

const goVariables = ({ isOffline }: BuildPlace): Readonly<Record<string, string>> => ({
  GOFLAGS: '-modcacherw',
  ...(isOffline ? { GOPROXY: 'off' } : {}),
});

/**
 * The recipe for programs in Go. The build itself downloads modules, into a cache of the pack. Without its mode, Go would
 * write an archive that cannot run for a script of any package but main.
 */
export const goProgram: ProgramRecipe = {
  name: 'go build',
  extensions: ['.go'],
  commands: (place) => [
    [place.interpreter, 'build', '-buildmode=exe', '-trimpath', '-o', program(place), place.manifest],
  ],
  variables: goVariables,
  ...runProgram,
};

export const rustPrograms: readonly ProgramRecipe[] = [
  {
    name: 'cargo build',
    extensions: ['.rs'],
    manifest: 'Cargo.toml',
    tool: { binary: 'cargo', fix: 'the pack has a Cargo.toml: install cargo in the image' },
    commands: (place) => {
      const flags = [...(place.has('Cargo.lock') ? ['--locked'] : []), ...(place.isOffline ? ['--offline'] : [])];
      const made = join(place.environment, 'target/release', nameOf(place.manifest));
      return [
        [place.tool, 'build', '--release', '--bin', nameOf(place.manifest), ...flags],
        ['/bin/sh', '-c', 'mv "$1" "$2" && rm -rf "$3"', 'sh', made, program(place), join(place.environment, 'target')],
      ];
    },
    variables: ({ environment }) => ({ CARGO_TARGET_DIR: join(environment, 'target') }),
    ...runProgram,
  },
  {
    name: 'rustc',
    extensions: ['.rs'],
    tool: { binary: 'rustc', fix: 'install rustc in the image' },
    commands: (place) => [[place.tool, '-O', '-o', program(place), place.manifest]],
    ...runProgram,
  },
];

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
}

/**
 * Keeps Maven from printing a line for each file that it downloads. Its warnings say why a repository cannot be used.
 */
const quietTransfers = '-Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn';

/** Gradle takes it as a property of the project up to version 8, and as one of the system later. */
const noJdkDownloads = ['-P', '-D'].map((option) => `${option}org.gradle.java.installations.auto-download=false`);

/** The recipes for dependencies in Java, each of which brings the jars of the project into `lib`. */
export const java: readonly Recipe[] = [
  {
    name: 'maven',
    manifest: 'pom.xml',
    inputs: ['.mvn', 'vendor'],
    tool: {
      binary: 'mvn',
      fix: 'the pack has a pom.xml: install maven in the image, or put the jars into lib of the pack and remove it',
    },
    commands: ({ tool, manifest, environment, cache, isOffline }) => [
      [
        ...[
          tool,
          ...mavenArguments(cache),
          '--batch-mode',
          quietTransfers,
          '-f',
          manifest,
          ...(isOffline ? ['--offline'] : []),
        ],
        ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(environment, 'lib')}`],
      ],
    ],
    run: {},
  },
  ...['build.gradle', 'build.gradle.kts'].map(
    (manifest): Recipe => ({
      name: 'gradle',
      manifest,
      inputs: ['settings.gradle', 'settings.gradle.kts', 'gradle.properties', 'gradle', 'gradle.lockfile', 'vendor'],
      tool: {
        binary: 'gradle',
        fix: `the pack has a ${manifest}: install gradle in the image, or put the jars into lib of the pack and remove it`,
      },
      files: ({ environment }) => ({
        'libraries.gradle': `allprojects { project -> project.afterEvaluate { project.tasks.create('attuneLibraries', Copy) { from project.configurations.runtimeClasspath; into '${join(environment, 'lib')}' } } }\n`,
      }),
      commands: ({ tool, pack, environment, cache, isOffline }) => [
        [
          ...[
            tool,
            '--quiet',
            '--no-daemon',
            mavenRepository(cache) /* where a build file asks for mavenLocal() */,
            ...noJdkDownloads,
            '-I',
            join(environment, 'libraries.gradle'),
            '-p',
            pack,
          ],
          ...[...(isOffline ? ['--offline'] : []), 'attuneLibraries'],
        ],
      ],
      run: {},
    }),
  ),
];

/**
 * Compiles a Java program once, as `java File.java` would for each run: the file, and what it needs beside it and below
 * src.
 */
export const javaProgram: ProgramRecipe = {
  name: 'javac',
  keeps: ['lib'],
  extensions: ['.java'],
  questions: [
    {
      args: ['--describe-module', 'jdk.compiler'],
      fix: 'this Java has no compiler: use an image with a JDK (Debian: default-jdk-headless), or make a jar the entry point',
    },
  ],
  files: (place) => ({
    'run.args': `-cp "${classPath(place).replaceAll('\\', '\\\\')}" ${mainClassOf(place.text, nameOf(place.manifest))}\n`,
  }),
  commands: (place) => [
    [
      ...[place.interpreter, '-m', 'jdk.compiler/com.sun.tools.javac.Main', '-encoding', 'UTF-8', '-nowarn'],
      ...['-d', join(place.environment, 'classes'), '-cp', classPath(place)],
      ...['-sourcepath', `${dirname(place.manifest)}:${join(place.pack, 'src')}`, place.manifest],
    ],
  ],
  run: { command: ({ interpreter, environment }) => [interpreter, `@${join(environment, 'run.args')}`] },
};

/** The class path with every jar by its name, since only launchers understand wildcards. */
function classPath({ environment, pack, dependencies }: BuildPlace): string {
  const libraries = [join(pack, 'lib'), ...(dependencies === undefined ? [] : [join(dependencies, 'lib')])];
  return [join(environment, 'classes'), ...libraries.flatMap(jarsIn)].join(':');
}

function jarsIn(directory: string): readonly string[] {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return names
    .filter((name) => name.endsWith('.jar'))
    .toSorted()
    .map((name) => join(directory, name));
}
