/** What installers of Python packages say. */
import { CERTIFICATES, CREDENTIALS, type InstallRule, NETWORK } from './rule.ts';

/** The last line of a traceback. */
const EXCEPTION = /^((?:[\w]+\.)*(?:\w+(?:Error|Exception)|Exception|Invalid\w+|SystemExit): .+)/;

/** The last line of a traceback whose message goes on in the next line, which is told behind it. */
const LONG_EXCEPTION: InstallRule = {
  line: /^((?:\w+\.)*(?:\w+(?:Error|Exception)|Exception): .+:)$/,
  detail: /^(?!\[end of output|\[std|note:|hint:)(\S.*)/,
};

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
    line: /(Could not fetch URL \S+: 5\d\d [^:]*: .*?) for url/,
    hint: 'the repository itself has failed: try again later',
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
  { line: /^ERROR: (Could not find a version that satisfies the requirement .*)/ },
  { line: /^ERROR: (Cannot install .* because these package versions have conflicting dependencies)/ },
  { line: /^ERROR: (Could not open requirements file: .*)/ },
  { line: /^ERROR: (Invalid requirement: .*)/ },
  { line: /\b(Invalid(?:Marker|Requirement|Specifier|Version): .*)/ },
  LONG_EXCEPTION,
  { line: EXCEPTION },
  /* What the package itself says while it is built. */
  {
    line: /^(?:× (.* did not run successfully)\.|ERROR: (?:Command errored out with exit status \d+):)$/,
    detail:
      /^(?![│╰]|command:|cwd:|complete output|(?:running|creating|writing|copying|adding) |reading manifest |traceback |warning:|file ")(\S.*)/i,
  },
  { line: /^ERROR: (?!Failed building|Exception:$)(.*)/ },
  { line: /^error: (?!subprocess-exited|legacy-install|metadata-generation)(.*)/ },
];

export const uv: readonly InstallRule[] = [
  { line: /(Hash mismatch for .*)/, hint: 'update the hashes in the file if the change is wanted' },
  { line: /(invalid peer certificate: .*)/, hint: CERTIFICATES },
  { line: /hint: (An index URL .*\b(?:401|403)\b.*)/, hint: CREDENTIALS },
  {
    line: /(Failed to fetch: .*)/,
    detail:
      /(?:Caused by|cause): (Connection refused.*|failed to lookup.*|operation timed out.*|HTTP status.*|.*unreachable.*)/,
    hint: NETWORK,
  },
  { line: /(Couldn't parse requirement in .*)/, detail: /(?:Caused by|cause): (.*)/ },
  { line: /(Error parsing included file in .*)/, detail: /(?:Caused by|cause): (.*)/ },
  { line: /(You require CPython .*)/ },
  { line: /(Because .* unsatisfiable)/ },
  LONG_EXCEPTION,
  { line: EXCEPTION },
  {
    line: /(Failed to build `?[^` ]+`?)/,
    detail: /^(?:\[stderr\] )?(?!cause:|Caused by:|\[std|[├╰]|hint:|Traceback |File ")(\S.*)/,
  },
  { line: /^error: (.*)/, detail: /(?:Caused by|cause): (.*)/ },
];
