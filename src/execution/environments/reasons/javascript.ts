/** What installers of packages for Node.js say. */
import { CERTIFICATES, CREDENTIALS, type InstallRule, NETWORK } from './rule.ts';

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
  {
    line: /npm (?:ERR!|error) (command sh -c .*)/,
    detail: /npm (?:ERR!|error) (?!A complete log|code |path |errno)(\S.*)/,
  },
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
  { line: /(ERR_PNPM_\w+ .*)/ },
];

export const yarn: readonly InstallRule[] = [
  {
    line: /(Your lockfile needs to be updated.*|The lockfile would have been (?:modified|created) by this install.*)/,
    hint: 'run yarn install where the pack is written, and put the new yarn.lock into the pack',
  },
  { line: /(Couldn't find package .*)/ },
  { line: /(Integrity check failed for "[^"]+")/, hint: 'the package is not the one that yarn.lock was written with' },
  { line: /(\S+: Request failed "40[13] [^"]*")/, hint: CREDENTIALS },
  { line: /^error (?:Error: )?(.*certificate.*)/i, hint: CERTIFICATES },
  { line: /^error (?:Error: )?((?:connect|getaddrinfo|read) .*)/, hint: NETWORK },
  { line: /(RequestError: .*(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH).*)/, hint: NETWORK },
  { line: /^(?:➤ )?(YN00(?:01|18|28|35|41|82): .*)/ },
  { line: /^error (?:Error: )?(.*)/ },
];
