/** What installers of packages for Node.js say. */
import { literalPattern } from '#domain/literal-pattern.ts';
import { CERTIFICATES, CREDENTIALS, type InstallRule, NETWORK, REPOSITORY } from './rule.ts';

export const npm: readonly InstallRule[] = [
  {
    line: /(`npm ci` can only install packages when your package\.json and package-lock\.json.* are in sync)/,
    detail: /(Missing: .*|Invalid: .*)/,
    hint: 'run npm install where the pack is written, and put the new package-lock.json into the pack',
  },
  {
    line: /(The `npm ci` command can only install with an existing package-lock\.json)/,
    hint: 'package-lock.json is broken: write it anew with npm install',
  },
  {
    line: /(integrity checksum failed when using \w+)/,
    hint: 'the package is not the one that package-lock.json was written with',
  },
  { line: /((?:network )?request to \S+ failed, reason: .*certificate.*)/i, hint: CERTIFICATES },
  { line: /((?:network )?request to \S+ failed, reason: .*)/, hint: NETWORK },
  { line: /npm (?:ERR!|error) (?:code )?(E401)/, detail: /npm (?:ERR!|error) (.*)/, hint: CREDENTIALS },
  { line: /npm (?:ERR!|error) 403 (403 Forbidden.*)/, hint: CREDENTIALS },
  { line: /(No matching version found for .*)/ },
  { line: /npm (?:ERR!|error) 404 (Not Found - .*)/, detail: /npm (?:ERR!|error) 404 +('.*)/ },
  {
    line: /npm (?:ERR!|error) (?:ERESOLVE )?(could not resolve|unable to resolve dependency tree)/i,
    detail: /npm (?:ERR!|error) (peer .*)/,
  },
  { line: /(Not compatible with your version of node\/npm: \S+)/, detail: /(Required: .*)/ },
  { line: /(Unsupported engine.*)/ },
  { line: /npm (?:ERR!|error) (gyp ERR! stack Error: .*|sh: .*)/ },
  { line: /npm (?:ERR!|error) (?:\w+ )?((?:429|5\d\d) .* - (?:GET|PUT|POST) \S+)/, hint: REPOSITORY },
  {
    line: /npm (?:ERR!|error) (command sh -c .*)/,
    output: {
      from: /npm (?:ERR!|error) command sh -c /,
      mark: () => /^npm (?:ERR!|error) ?(?!\s*(?:A complete log|A debug log|\/\S+-debug-\d+\.log))/,
    },
  },
  /* What a script of the pack itself has written. */
  { line: /^> \S+@\S+ (\w*(?:install|prepare))$/, output: { until: /^npm (?:ERR!|error) code / } },
  /* Where a program is missing. */
  { line: /npm (?:ERR!|error) syscall (spawn \S+)/, detail: /npm (?:ERR!|error) enoent (.*)/ },
  { line: /npm (?:ERR!|error) (?!code |path |errno|syscall|A complete log|\/)(\S.*)/ },
];

export const pnpm: readonly InstallRule[] = [
  {
    line: /(ERR_PNPM_OUTDATED_LOCKFILE .*)/,
    detail: /(specifiers in the lockfile .*)/,
    hint: 'run pnpm install where the pack is written, and put the new pnpm-lock.yaml into the pack',
  },
  { line: /(ERR_PNPM_FETCH_40[13] .*)/, hint: CREDENTIALS },
  { line: /((?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT\w*|UNABLE_TO_\w+|CERT_\w+) .*)/, hint: CERTIFICATES },
  { line: /((?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH) .*)/, hint: NETWORK },
  { line: /(ERR_PNPM_TARBALL_INTEGRITY .*)/, hint: 'the package is not the one that pnpm-lock.yaml was written with' },
  { line: /(ERR_PNPM_FETCH_(?:429|5\d\d) .*)/, hint: REPOSITORY },
  {
    line: /Ignoring (not compatible lockfile) at/,
    hint: 'pnpm-lock.yaml is of another version of pnpm: install that one in the image, or write it anew with this one',
  },
  { line: /^(Your \S+ version is incompatible with .*)/, detail: /^(Expected version: .*)/, goesOn: /^Got: / },
  { line: /(ERR_PNPM_\w+ .*)/ },
  /* What a script of a package has written, each line behind the name of the package; then what one of the pack has. */
  {
    line: /^(\S+ \w*install): Failed$/,
    output: { mark: (script) => new RegExp(`^${literalPattern(script)}: (?!Failed$)`) },
  },
  { line: /^> \S+ (\w*(?:install|prepare)) \//, output: {} },
  { line: /^(?:E[A-Z]+) (E(?:NOENT|ACCES|ISDIR|NOTDIR|PERM): .*)/ },
];

/** Numbers of messages of yarn 2 and later that are errors. */
const BERRY_ERRORS = '01|03|1[0-2]|16|18|2[0-478]|3[0135-7]|4[0136-8]|5[5-7]|62|66|71|7[89]|8[0-3]|91';

export const yarn: readonly InstallRule[] = [
  {
    line: /(Your lockfile needs to be updated.*|The lockfile would have been (?:modified|created) by this install.*)/,
    hint: 'run yarn install where the pack is written, and put the new yarn.lock into the pack',
  },
  { line: /^error \S+\/(node_modules\/\S+: Command failed)\.$/, output: { from: /^Output:$/ } },
  { line: /^\$ (.*)/, isLast: true, output: { until: /^error Command failed with / } },
  {
    line: /(?:➤ )?YN0009: │ (\S+) couldn't be built successfully/,
    output: { mark: (name) => new RegExp(`^➤ YN0000: [│|] ${literalPattern(name)} STD(?:ERR|OUT) `) },
  },
  { line: /^➤ YN0041: │ (.*)/, hint: CREDENTIALS },
  { line: /^➤ YN0001: │ (.*certificate.*)/i, hint: CERTIFICATES },
  { line: /(\S+: Request failed "(?:429|5\d\d) [^"]*")/, hint: REPOSITORY },
  { line: /(\S+: tunneling socket could not be established, .*)/, hint: NETWORK },
  { line: /(Couldn't find package .*)/ },
  { line: /(Integrity check failed for "[^"]+")/, hint: 'the package is not the one that yarn.lock was written with' },
  { line: /(\S+: Request failed "40[13] [^"]*")/, hint: CREDENTIALS },
  { line: /^error (?:Error: )?(.*certificate.*)/i, hint: CERTIFICATES },
  { line: /^error (?:Error: )?((?:connect|getaddrinfo|read) .*)/, hint: NETWORK },
  { line: /(RequestError: .*(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH).*)/, hint: NETWORK },
  {
    line: /^➤ YN0035: │ (.*)/,
    detail: /│ *(Response Code: (?:401|403|407)\b.*)/,
    needsDetail: true,
    hint: CREDENTIALS,
  },
  { line: /^➤ YN0035: │ (.*)/, detail: /│ *(Response Code: (?:429|5\d\d)\b.*)/, needsDetail: true, hint: REPOSITORY },
  { line: /^➤ YN0035: │ (.*)/, detail: /│ *(Response Code: .*)/ },
  { line: /^➤ YN0001: │ (.*Failed cloning .*)/, detail: /│ *((?:Fatal )?Error: .*)/i, hint: NETWORK },
  { line: new RegExp(`^➤ YN00(?:${BERRY_ERRORS}): (?:│ )?(.*)`) },
  /* A lock file that is no YAML, shown with its lines. */
  { line: /^((?:Internal |Syntax )?Error: .*|YAMLException: .*)/i },
  { line: /^error (?:Error: )?(.*)/ },
];
