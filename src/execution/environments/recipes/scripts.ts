import { join } from 'node:path';
import { isRecord } from '#domain/record.ts';
import { readManifestJson } from '#execution/environments/manifest-json.ts';
import { type BuildPlace, onPath, type Recipe } from '#execution/environments/recipe.ts';

const bundlerVariables = ({ environment, pack }: Pick<BuildPlace, 'environment' | 'pack'>) => ({
  BUNDLE_GEMFILE: join(pack, 'Gemfile'),
  BUNDLE_PATH: join(environment, 'bundle'),
  BUNDLE_APP_CONFIG: join(environment, '.bundle'),
  BUNDLE_WITHOUT: 'development:test',
});

export const ruby: readonly Recipe[] = [
  {
    name: 'bundler',
    manifest: 'Gemfile',
    inputs: ['Gemfile.lock', 'vendor'],
    tool: {
      binary: 'bundle',
      fix: 'the pack has a Gemfile: install bundler in the image (Debian: bundler; or gem install bundler)',
    },
    commands: ({ tool, isOffline }) => [[tool, 'install', '--quiet', ...(isOffline ? ['--local'] : [])]],
    variables: (place) => ({
      ...bundlerVariables(place),
      THOR_COLUMNS: '1000',
      ...(place.has('Gemfile.lock') ? { BUNDLE_FROZEN: 'true' } : {}),
    }),
    run: {
      variables: ({ environment }) => ({
        ...bundlerVariables({ environment, pack: join(environment, 'pack') }),
        BUNDLE_FROZEN: 'true',
        RUBYOPT: { value: '-rbundler/setup', operation: 'append', separator: ' ' },
      }),
    },
  },
];

/** Runs scripts with the modules below that directory of the environment. */
function withModules(below: string): Recipe['run'] {
  return {
    variables: ({ environment }) => ({
      PERL5LIB: { value: join(environment, below, 'lib/perl5'), operation: 'prepend' },
      ...onPath(join(environment, below, 'bin')),
    }),
  };
}

export const perl: readonly Recipe[] = [
  {
    name: 'carton',
    manifest: 'cpanfile.snapshot',
    inputs: ['cpanfile', 'vendor'],
    tool: {
      binary: 'carton',
      fix: 'the pack has a cpanfile.snapshot: install carton in the image, or remove the snapshot',
    },
    commands: ({ interpreter, tool, pack, isOffline }) => [
      [
        ...[interpreter, tool, 'install', '--deployment', '--path', join(pack, 'local')],
        ...(isOffline ? ['--cached'] : []),
      ],
    ],
    run: withModules('pack/local') /* beside vendor/cache, where carton looks for it */,
  },
  {
    name: 'cpanm',
    manifest: 'cpanfile',
    inputs: ['vendor'],
    tool: { binary: 'cpanm', fix: 'the pack has a cpanfile: install cpanminus and make in the image' },
    commands: ({ interpreter, tool, environment, pack, has, isOffline }) => [
      [
        ...[interpreter, tool, '--notest', '--quiet', '--local-lib-contained', join(environment, 'local')],
        ...(has('vendor/modules') ? ['--mirror', `file://${join(pack, 'vendor')}`, '--mirror-only'] : []),
        ...(isOffline && !has('vendor/modules') ? ['--mirror', 'file:///nonexistent', '--mirror-only'] : []),
        ...['--installdeps', '.'],
      ],
    ],
    variables: ({ environment }) => ({ PERL_CPANM_HOME: join(environment, 'tmp/cpanm') }),
    logs: ({ environment }) => [join(environment, 'tmp/cpanm/work/*/build.log')] /* build.log beside them is a link */,
    run: withModules('local'),
  },
];

export const php: readonly Recipe[] = [
  {
    name: 'composer',
    manifest: 'composer.json',
    inputs: ['.'] /* its autoloader finds the pack's own classes too */,
    vendored: 'vendor/autoload.php',
    tool: {
      binary: 'composer',
      fix: 'the pack has a composer.json: install composer in the image, or bring vendor along',
    },
    commands: ({ interpreter, tool }) => [
      [interpreter, tool, 'install', '--no-dev', '--no-interaction', '--no-progress', '--prefer-dist'],
    ],
    variables: ({ isOffline }) => ({
      COMPOSER_ALLOW_SUPERUSER: '1',
      COLUMNS: '1000',
      ...(isOffline ? { COMPOSER_DISABLE_NETWORK: '1' } : {}),
    }),
    run: { command: ({ interpreter, copy }) => [interpreter, copy] },
  },
];

interface LockedPackage {
  readonly name: string;
  readonly version: string;
}

/** What renv.lock asks for. Throws a sentence when it is none. */
function readRenvLock(text: string): {
  readonly packages: readonly LockedPackage[];
  readonly repositories: readonly string[];
} {
  const lock = readManifestJson(text);
  if (!isRecord(lock['Packages'])) throw new Error('it has no Packages');
  const packages = Object.values(lock['Packages']).flatMap((one) =>
    isRecord(one) ? [{ name: String(one['Package']), version: String(one['Version']) }] : [],
  );
  const r = isRecord(lock['R']) ? lock['R']['Repositories'] : undefined;
  const repositories = Array.isArray(r) ? r.flatMap((one) => (isRecord(one) ? [String(one['URL'])] : [])) : [];
  return { packages, repositories };
}

/** With renv where it is installed; without, R itself installs what the repositories have, and other versions are refused. */
function restoreScript(place: BuildPlace): string {
  const { packages, repositories } = readRenvLock(place.text);
  const text = (value: string): string => JSON.stringify(value); /* R reads such strings as JSON means them */
  const vendored = place.has('vendor/src/contrib') ? [`file://${join(place.pack, 'vendor')}`] : [];
  return `library <- ${text(join(place.environment, 'library'))}
dir.create(library, recursive = TRUE)
locked <- list(${packages.map((one) => `${text(one.name)} = ${text(one.version)}`).join(', ')})
repositories <- c(${[...vendored, ...(place.isOffline ? [] : repositories)].map(text).join(', ')})
override <- Sys.getenv("RENV_CONFIG_REPOS_OVERRIDE")
if (nzchar(override)) repositories <- override
.libPaths(c(library, .libPaths()))
if (requireNamespace("renv", quietly = TRUE)) {
  options(repos = repositories)
  renv::restore(lockfile = ${text(place.manifest)}, library = library, prompt = FALSE)
} else {
  wanted <- setdiff(names(locked), rownames(installed.packages(priority = "base")))
  if (length(wanted) > 0) install.packages(wanted, lib = library, repos = repositories, type = "source")
}
there <- installed.packages()
for (repository in repositories) if (!all(names(locked) %in% rownames(there))) {
  index <- paste0(repository, "/src/contrib/PACKAGES")
  tryCatch(close(url(index, "r")), condition = function(why)
    message("repository ", repository, " cannot be used: ", gsub("\\n", " ", conditionMessage(why))))
}
for (name in names(locked)) {
  if (!name %in% rownames(there)) stop("renv.lock asks for ", name, " ", locked[[name]], ", which could not be installed")
  if (there[name, "Version"] != locked[[name]]) stop("renv.lock asks for ", name, " ", locked[[name]], ", and ", there[name, "Version"],
    " is what the repositories have: install renv in the image, which finds older versions")
}
`;
}

export const r: readonly Recipe[] = [
  {
    name: 'renv',
    manifest: 'renv.lock',
    inputs: ['vendor'],
    files: (place) => ({ 'restore.R': restoreScript(place) }),
    commands: ({ interpreter, environment }) => [[interpreter, join(environment, 'restore.R')]],
    variables: () => ({
      RENV_CONFIG_AUTOLOADER_ENABLED: 'FALSE',
      RENV_CONFIG_CACHE_SYMLINKS: 'FALSE',
    }),
    run: {
      variables: ({ environment }) => ({ R_LIBS: { value: join(environment, 'library'), operation: 'prepend' } }),
    },
  },
];
