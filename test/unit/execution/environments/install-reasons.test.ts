/**
 * Installers that the root of the system tests does not have. What npm 11.19.1 and yarn 4.5.0 print is recorded; the other
 * lines are written down as the sources of these tools have them.
 */
import { expect, test } from 'bun:test';
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
  ['own', 'step 1\nError: the mirror is away\ndone\n', /^Error: the mirror is away$/],
  ['own', '', /^it said nothing$/],
];

test.each(recorded)('%s: %p', (tool, output, reason) => {
  expect(reasonOf(tool, output)).toMatch(reason);
});

test('a long line is cut', () => {
  expect(reasonOf('own', `error: ${'x'.repeat(10_000)}`)).toHaveLength(501);
});
