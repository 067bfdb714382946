/**
 * Installers that the root of the system tests does not have. What npm 11.19.1 and yarn 4.5.0 print is recorded; the other
 * lines are written down as the sources of these tools have them.
 */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { reasonOf } from '#execution/environments/install-reasons.ts';

const recorded: readonly (readonly [tool: string, output: string, reason: RegExp])[] = [
  [
    'npm ci',
    'npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\nnpm error\nnpm error Missing: is-number@7.0.0 from lock file\nnpm error\nnpm error Clean install a project\n',
    /^`npm ci` can only .* in sync: Missing: is-number@7\.0\.0 from lock file \(run npm install/,
  ],
  [
    'npm install',
    "npm error code E404\nnpm error 404 Not Found - GET http://x/tiny\nnpm error 404\nnpm error 404  'tiny@1.0.0' is not in this registry.\n",
    /^Not Found - GET http:\/\/x\/tiny: 'tiny@1\.0\.0' is not in this registry\.$/,
  ],
  [
    'yarn',
    '➤ YN0000: · Yarn 4.5.0\n➤ YN0000: ┌ Post-resolution validation\n➤ YN0000: │ @@ -1,10 +1,35 @@\n➤ YN0028: │ -# \n➤ YN0028: │ +  dependencies:\n➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n➤ YN0000: └ Completed\n➤ YN0000: · Failed with errors in 0s 413ms\n',
    /^The lockfile would have been modified by this install, which is explicitly forbidden\. \(run yarn install/,
  ],
  [
    'yarn',
    '➤ YN0000: · Yarn 4.5.0\n➤ YN0000: ┌ Resolution step\n➤ YN0001: │ RequestError: connect ECONNREFUSED 127.0.0.1:1\n    at emitErrorEvent (node:_http_client:101:11)\n➤ YN0000: └ Completed in 7s 212ms\n➤ YN0000: · Failed with errors in 7s 227ms\n',
    /^RequestError: connect ECONNREFUSED 127\.0\.0\.1:1 \(it cannot be reached/,
  ],
  [
    'bundler',
    "Gem::Ext::BuildError: ERROR: Failed to build gem native extension.\n\n    current directory: /x/tiny-1.0.0\n/usr/bin/ruby -I /usr/lib/ruby extconf.rb\nmkmf.rb can't find header files for ruby at /usr/lib/ruby/include/ruby.h\n\nYou might have to install separate package for the ruby development\nenvironment, ruby-dev or ruby-devel for example.\n",
    /^mkmf\.rb can't find header files for ruby at \S+ \(install the headers of Ruby in the image \(Debian: ruby-dev\)\)$/,
  ],
  /* pip 23, uv 0.9, npm 11 and Cargo 1.95, as they were seen with packages of the public registries. */
  [
    'pip',
    "  Preparing metadata (setup.py): finished with status 'error'\n  error: subprocess-exited-with-error\n  \n  × python setup.py egg_info did not run successfully.\n  │ exit code: 1\n  ╰─> [15 lines of output]\n      The 'sklearn' PyPI package is deprecated, use 'scikit-learn'\n      rather than 'sklearn' for pip commands.\n      [end of output]\n  \n  note: This error originates from a subprocess, and is likely not a problem with pip.\nerror: metadata-generation-failed\n",
    /^python setup\.py egg_info did not run successfully: The 'sklearn' PyPI package is deprecated, use 'scikit-learn' rather than 'sklearn' for pip commands\.$/,
  ],
  [
    'pip',
    '  Getting requirements to build wheel: finished with status \'error\'\n  × Getting requirements to build wheel did not run successfully.\n  ╰─> [28 lines of output]\n      Trying pkg-config --exists mysqlclient\n      Traceback (most recent call last):\n        File "<string>", line 28, in find_package_name\n      Exception: Can not find valid pkg-config name.\n      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually\n',
    /^Exception: Can not find valid pkg-config name\. Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually$/,
  ],
  [
    'pip',
    "ERROR: Exception:\nTraceback (most recent call last):\nIndexError: string index out of range\nDuring handling of the above exception, another exception occurred:\npip._vendor.packaging.markers.InvalidMarker: Invalid marker: 'python_version <', parse error at ''\n",
    /^InvalidMarker: Invalid marker: 'python_version <', parse error at ''$/,
  ],
  [
    'pip',
    '    ERROR: Command errored out with exit status 1:\n     command: /usr/bin/python3 -c x\n         cwd: /tmp/x/\n    Complete output (2 lines):\n    the header of libx is missing\n    ----\n',
    /^ERROR: Command errored out with exit status 1: the header of libx is missing$/,
  ],
  [
    'pip',
    "  Running command git clone --filter=blob:none --quiet http://127.0.0.1:1/x.git /tmp/x\n  fatal: unable to access 'http://127.0.0.1:1/x.git/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server\n  error: subprocess-exited-with-error\n",
    /^fatal: unable to access .*Couldn't connect to server \(it cannot be reached/,
  ],
  [
    'pip',
    "  ERROR: Error [Errno 2] No such file or directory: 'git' while executing command git version\nERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?\n",
    /Cannot find command 'git'.*\(install git in the image\)$/,
  ],
  [
    'uv',
    "error: Failed to build `sklearn==0.0.post12`\n  cause: The build backend returned an error\n  cause: Call to `setuptools.build_meta` failed (exit status: 1)\n\n         [stderr]\n         The 'sklearn' PyPI package is deprecated, use 'scikit-learn'\n",
    /^Failed to build `sklearn==0\.0\.post12`: The 'sklearn' PyPI package is deprecated, use 'scikit-learn'$/,
  ],
  [
    'uv',
    'error: Failed to fetch: `http://127.0.0.1:1/simple/tiny/`\n  cause: Request failed after 3 retries\n  cause: Connection refused (os error 111)\n',
    /^Failed to fetch: .*: Connection refused \(os error 111\) \(it cannot be reached/,
  ],
  [
    'npm install',
    "npm error code 128\nnpm error An unknown git error occurred\nnpm error command git --no-replace-objects ls-remote http://127.0.0.1:1/x.git\nnpm error fatal: unable to access 'http://127.0.0.1:1/x.git/': Failed to connect\n",
    /^fatal: unable to access 'http:\/\/127\.0\.0\.1:1\/x\.git\/': Failed to connect \(it cannot be reached/,
  ],
  [
    'npm install',
    'npm error code 1\nnpm error path /x/node_modules/tiny\nnpm error command failed\nnpm error command sh -c node install.js\nnpm error the address of the mirror is missing\nnpm error A complete log of this run can be found in: /x\n',
    /^command sh -c node install\.js: the address of the mirror is missing$/,
  ],
  [
    'cargo build',
    'error: rustc 1.95.0 is not supported by the following package:\n  a@0.1.0 requires rustc 1.999\n',
    /^rustc 1\.95\.0 is not supported by the following package: a@0\.1\.0 requires rustc 1\.999$/,
  ],
  [
    'cargo build',
    'error: failed to select a version for `serde`.\n    ... required by package `a v0.1.0 (/x)`\nversions that meet the requirements `^1` are: 1.0.229\n\npackage `a` depends on `serde` with feature `nosuch` but `serde` does not have that feature.\n',
    /^failed to select a version for `serde`: package `a` depends on `serde` with feature `nosuch` but/,
  ],
  [
    'cargo build',
    "error: failed to run custom build command for `openssl-sys v0.9.1`\n\nCaused by:\n  process didn't exit successfully: `/x/build-script-main` (exit status: 101)\n  --- stdout\n  cargo:rerun-if-env-changed=OPENSSL_DIR\n  OPENSSL_DIR unset\n\n  --- stderr\n  thread 'main' (17) panicked at build.rs:1:12:\n  Could not find directory of OpenSSL installation\n",
    /^failed to run custom build command for `openssl-sys v0\.9\.1`: Could not find directory of OpenSSL installation$/,
  ],
  [
    'cargo build',
    'error: failed to get `x` as a dependency of package `a v0.1.0 (/x)`\n\nCaused by:\n  unable to update /nothere\n\nCaused by:\n  failed to read `/nothere/Cargo.toml`\n',
    /^failed to get `x` as a dependency of package .*: failed to read `\/nothere\/Cargo\.toml`$/,
  ],
  ['pip', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you\n', /^THESE PACKAGES/],
  [
    'pip',
    "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/tiny/\nERROR: Could not find a version that satisfies the requirement tiny (from versions: none)\n",
    /Name or service not known.*it cannot be reached from this container/,
  ],
  [
    'pip',
    "  error: command 'gcc' failed: No such file or directory\n",
    /^error: command 'gcc' failed.*install a compiler/,
  ],
  [
    'uv',
    'error: Failed to write\n  Caused by: No space left on device (os error 28)\n',
    /No space left on device.*environments prune/,
  ],
  [
    'go build',
    '# runtime/cgo\ncgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH\n',
    /^cgo: C compiler "gcc" not found.*build-essential/,
  ],
  [
    'gradle',
    '\u001b[31mFAILURE: Build failed\u001b[m\n\n* What went wrong:\nA problem occurred configuring root project.\n',
    /^\* What went wrong: A problem occurred configuring root project\.$/,
  ],
  /* npm 11, pip 23 with setuptools 65 and Maven 3.8, as they were seen with broken packs. */
  [
    'npm install',
    'npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error engine Not compatible with your version of node/npm: x@1.0.0\nnpm error notsup Not compatible with your version of node/npm: x@1.0.0\nnpm error notsup Required: {"node":">=99"}\nnpm error notsup Actual:   {"node":"v20.20.2","npm":"11.19.1"}\n',
    /^Not compatible with your version of node\/npm: x@1\.0\.0: Required: \{"node":">=99"\}$/,
  ],
  [
    'pip',
    "  error: subprocess-exited-with-error\n  \n  × Preparing metadata (pyproject.toml) did not run successfully.\n  │ exit code: 1\n  ╰─> [10 lines of output]\n      running dist_info\n      creating /tmp/x/x.egg-info\n      writing /tmp/x/x.egg-info/PKG-INFO\n      reading manifest file '/tmp/x/x.egg-info/SOURCES.txt'\n      writing manifest file '/tmp/x/x.egg-info/SOURCES.txt'\n      error: invalid command 'bdist_wheel'\n      [end of output]\n",
    /^Preparing metadata \(pyproject\.toml\) did not run successfully: error: invalid command 'bdist_wheel'$/,
  ],
  [
    'pip',
    '        File "<string>", line 1, in <module>\n      RuntimeError: libfoo is missing:\n        install libfoo-dev\n        or set FOO_HOME\n      [end of output]\n',
    /^RuntimeError: libfoo is missing: install libfoo-dev or set FOO_HOME$/,
  ],
  [
    'maven',
    "[ERROR] [ERROR] Some problems were encountered while processing the POMs:\n[FATAL] 'version' is missing. @ line 1, column 10\n @ \n[ERROR] The build could not read 1 project -> [Help 1]\n",
    /^'version' is missing\. @ line 1, column 10$/,
  ],
  /* The digits of a port are no status. */
  [
    'renv',
    "Error: repository http://127.0.0.1:40123/none cannot be used:\n- cannot open URL 'http://127.0.0.1:40123/none/src/contrib/PACKAGES': HTTP status was '404 Not Found'\n",
    /'404 Not Found'$/,
  ],
  ['own', 'step 1\nError: the mirror is away\ndone\n', /^Error: the mirror is away$/],
  ['own', '', /^it said nothing$/],
];

test.each(recorded)('%s: %p', (tool, output, reason) => {
  expect(reasonOf(tool, output)).toMatch(reason);
});

/** What installers printed in failures that were made on the spot, by tool and failure, without repeated lines of traces. */
const seen: Readonly<Record<string, { readonly output: readonly string[]; readonly reason: string }>> = JSON.parse(
  readFileSync(new URL('seen-installs.json', import.meta.url), 'utf8'),
);

test.each(Object.entries(seen))('%s', (title, { output, reason }) => {
  expect(reasonOf(title.slice(0, title.indexOf(':')), output.join('\n'))).toBe(reason);
});

test('a long line is cut', () => {
  expect(reasonOf('own', `error: ${'x'.repeat(10_000)}`)).toHaveLength(501);
});

/* A line of a megabyte took some patterns hours, in which nothing else had its turn. */
test.each(['yarn', 'gradle', 'carton', 'pip', 'npm install'])(
  '%s: a long line without an end keeps nobody waiting for the reason behind it',
  (tool) => {
    const line = '='.repeat(1024 * 1024);
    expect(reasonOf(tool, `${line}\nError: the mirror is away\n`)).toContain('the mirror is away');
  },
);
