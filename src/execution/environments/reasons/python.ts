/** What installers of Python packages say. */
import { CERTIFICATES, CREDENTIALS, type InstallRule, NETWORK, REPOSITORY } from './rule.ts';

/** The end of a traceback: the message goes on to what somebody else says. */
const TRACEBACK: InstallRule = {
  line: /^((?:\w+\.)*(?:\w+(?:Error|Exception)|Exception|Invalid\w+|SystemExit): .+)/,
  goesOn:
    /^(?!\[end of output|\[std|note:|hint:|error:|ERROR:|Traceback |During handling|The above exception|[│╰├×])\S/,
};

/** What pip writes into its log behind what a program that it has started says, where that has failed. */
export const PROGRAM_FAILED =
  /^\s*(?:ERROR: \[present-\w+\]|ERROR: Command errored out|error: subprocess-exited-with-error)/;

/** What the package itself says while it is built: to the console, and into the log where there is one. */
const built: readonly InstallRule[] = [
  {
    line: /^(?:× (.* did not run successfully)\.|ERROR: (?:Command errored out with exit status \d+):)$/,
    output: { from: /^(?:╰─> )?\[\d+ lines? of output\]$|^Complete output /, until: /^\[end of output\]$|^-{4,}$/ },
  },
  {
    line: /^Running command (?:[^/]\S* )*?(\S.*)/,
    isLast: true,
    output: { until: PROGRAM_FAILED },
  },
];

/** Before a wheel of that name, the log says that its tags are not those of this place. */
function skippedWheel(name: string): RegExp {
  const project = name.split(/[-_.]+/).join('[-_.]+');
  return new RegExp(`^\\s*Skip\\w+ link: (?=none of the wheel's tags .*/${project}-)`, 'i');
}

export const pip: readonly InstallRule[] = [
  {
    line: /^ERROR: (THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE)/,
    detail: /^(\S+) from /,
    hint: 'update the hashes in the file if the change is wanted',
  },
  { line: /^ERROR: (Hashes are required in --require-hashes mode.*)/, detail: /^(\S+==\S+|\S+ --hash=\S+)/ },
  {
    line: /certificate verify failed|CERTIFICATE_VERIFY_FAILED|problem confirming the ssl certificate/,
    hint: CERTIFICATES,
  },
  { line: /(Could not fetch URL \S+: (?:401|403|407) [^:]*: \w+)/, hint: CREDENTIALS },
  { line: /(HTTP error (?:401|403|407) while getting \S+)/, hint: CREDENTIALS },
  {
    line: /(Could not fetch URL \S+: (?:(?:429|5\d\d) [^:]*: .*(?= for url)|.*too many (?:429|5\d\d) error responses.*(?= - skipping)))/,
    hint: REPOSITORY,
  },
  { line: /(Could not fetch URL \S+: connection error: .*?) - skipping/, hint: NETWORK },
  { line: /connection broken by '(.*?)': \//, hint: NETWORK },
  {
    line: /^WARNING: (The repository located at \S+ is not a trusted or secure host and is being ignored)/,
    hint: 'use https, or name it in PIP_TRUSTED_HOST',
  },
  {
    line: /^ERROR: (Ignored the following versions that require a different python version: .*)/,
    detail: /^ERROR: (No matching distribution found for .*)/,
  },
  {
    line: /^ERROR: Could not find a version that satisfies the requirement ([\w.-]+).* \(from versions: none\)/,
    output: { mark: skippedWheel },
    hint: 'only a package for another Python, C library or processor is there',
  },
  { line: /^ERROR: (Could not find a version that satisfies the requirement .*)/ },
  {
    line: /^ERROR: (Cannot install .* because these package versions have conflicting dependencies)/,
    detail: /^((?:The user requested|\S+ \S+ depends on) .*)/,
    goesOn: /^(?:The user requested|\S+ \S+ depends on) /,
  },
  { line: /^ERROR: (Could not open requirements file: .*)/ },
  { line: /^ERROR: (Invalid requirement: .*)/ },
  { line: /\b(Invalid(?:Marker|Requirement|Specifier|Version): .*)/ },
  ...built,
  TRACEBACK,
  { line: /^ERROR: (?!Failed building|Exception:$)(.*)/ },
  { line: /^error: (?!subprocess-exited|legacy-install|metadata-generation)(.*)/ },
];

export const uv: readonly InstallRule[] = [
  { line: /(Hash mismatch for .*)/, hint: 'update the hashes in the file if the change is wanted' },
  { line: /(invalid peer certificate: .*)/, hint: CERTIFICATES },
  { line: /hint: (An index URL .*\b(?:401|403)\b.*)/, hint: CREDENTIALS },
  {
    line: /(Failed to fetch: .*)/,
    detail: /(HTTP status (?:server error|client error \(429).*)/,
    needsDetail: true,
    hint: REPOSITORY,
  },
  {
    line: /(Failed to fetch: .*)/,
    detail:
      /(?:Caused by|cause): (Connection refused.*|failed to lookup.*|operation timed out.*|HTTP status.*|.*unreachable.*)/,
    hint: NETWORK,
  },
  { line: /(Couldn't parse requirement in .*)/, detail: /(?:Caused by|cause): (.*)/ },
  { line: /(Error parsing included file in .*)/, detail: /(?:Caused by|cause): (.*)/ },
  { line: /(You require CPython .*)/ },
  { line: /(Because .* unsatisfiable)\.?$/ },
  { line: /(Because .*)/, goesOn: /^(?!hint:)\S/ },
  {
    line: /(Failed to build `?[^` ]+`?)/,
    output: { from: /^\[stderr\]/, until: /^hint: (?:This|Build failures) / },
  },
  { line: /(Failed to build `?[^` ]+`?)/, output: { from: /^\[stderr\]/ } },
  TRACEBACK,
  { line: /(Failed to build `?[^` ]+`?)/, detail: /^(?!cause:|Caused by:|[├╰]|hint:)(\S.*)/ },
  { line: /^error: (.*)/, detail: /(?:Caused by|cause): (.*)/ },
];
