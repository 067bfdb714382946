/** What installers of Ruby gems, PHP, Perl and R packages say. */
import { CERTIFICATES, COMPILER, CREDENTIALS, type InstallRule, NETWORK, REPOSITORY } from './rule.ts';

export const bundler: readonly InstallRule[] = [
  {
    line: /(trying to install in deployment mode after changing|frozen mode is set|The lockfile does not have all gems needed)/,
    detail: /^\* (.*)/,
    hint: 'Gemfile.lock is out of step with the Gemfile: run bundle install where the pack is written, and put the new Gemfile.lock into the pack',
  },
  {
    line: /(Your Gemfile\.lock contains merge conflicts)/,
    hint: 'solve them where the pack is written, and put the new Gemfile.lock into the pack',
  },
  {
    line: /(Your bundle only supports platforms .* but your local platform is [^.\s]+)/,
    hint: 'run bundle lock --add-platform with that platform where the pack is written, and put the new Gemfile.lock into the pack',
  },
  { line: /(Your Ruby version is .*, but your Gemfile specified .*)/ },
  { line: /(Could not verify the SSL certificate for \S+)/, hint: CERTIFICATES },
  { line: /(Authentication is required for \S+|Bad username or password for \S+)/, hint: CREDENTIALS },
  { line: /(Could not reach host \S+)\. /, hint: NETWORK },
  { line: /(Could not fetch specs from .*<bad response .* (?:429|5\d\d) .*)/, hint: REPOSITORY },
  { line: /(Could not fetch specs from .*)/, detail: /(<.*)/, hint: NETWORK },
  { line: /(Could not find gem .*)/ },
  { line: /(Could not find compatible versions.*)/, detail: /(Because .*|In Gemfile:.*)/ },
  {
    line: /(mkmf\.rb can't find header files for ruby.*)/,
    hint: 'install the headers of Ruby in the image (Debian: ruby-dev)',
  },
  { line: /(You have to install development tools first)/, hint: COMPILER },
  { line: /(There was an error (?:parsing|while loading) .*)/, goesOn: /^(?![#^])\S/ },
  {
    line: /(Bundler (?:could not find compatible versions|found conflicting requirements) for .*)/,
    detail: /^(In Gemfile:)/,
    goesOn: /^/,
  },
  { line: /(Could not download gem .*)/ },
  { line: /(checksum .* mismatch.*|Bundler found mismatched checksums.*)/i },
];

export const composer: readonly InstallRule[] = [
  {
    line: /^- (Required package .* is not present in the lock file|Required package .* is in the lock file as .*)/,
    hint: 'composer.lock is out of step with composer.json: run composer update where the pack is written',
  },
  { line: /(The "[^"]+" file could not be downloaded: SSL operation failed.*|curl error 60 .*)/, hint: CERTIFICATES },
  {
    line: /(The '[^']+' URL required authentication \(HTTP \d+\)|The '[^']+' URL could not be accessed \(HTTP 40[13]\).*|Invalid credentials .*)/,
    hint: CREDENTIALS,
  },
  { line: /(The "[^"]+" file could not be downloaded: .*|curl error (?:6|7|28) .*)/, hint: NETWORK },
  { line: /(The "[^"]+" file could not be downloaded \(HTTP\S* (?:429|5\d\d).*\))/, hint: REPOSITORY },
  { line: /(The "[^"]+" file could not be downloaded \(HTTP.*\))/ },
  { line: /^- (Root composer\.json requires .*)/, goesOn: /^- / },
  {
    line: /(Your configuration does not allow connections to \S+?)\.(?:\s|$)/,
    hint: 'use https, or set secure-http to false in the config of composer.json',
  },
  { line: /("[^"]+" does not contain valid JSON)/, detail: /(Parse error on line .*)/, goesOn: /^(?!install \[)\S/ },
  { line: /(The checksum verification of the file failed.*)/ },
  { line: /(Your requirements could not be resolved.*)/, detail: /^- (.*)/, goesOn: /^- / },
  /* An exception: where it was thrown, and its message. */
  {
    line: /^(?:In \S+\.php line \d+:|\[\S+(?:Exception|Error)\])$/,
    detail: /^(\S.*)/,
    goesOn: /\S/,
    isDetailAlone: true,
  },
  { line: /^Script (.* returned with error code .*)/ },
];

export const perl: readonly InstallRule[] = [
  { line: /(Download .*\b(?:401|403)\b.*|.*: (?:401|403) \w+.*)/, hint: CREDENTIALS },
  { line: /(.*certificate verify failed.*)/, hint: CERTIFICATES },
  {
    line: /(.*(?:Connection refused|Name or service not known|unable to resolve host|Temporary failure in name resolution|Can't connect).*)/i,
    hint: NETWORK,
  },
  { line: /(Parsing cpanfile failed: .*)/ },
  { line: /Installing the dependencies failed: .*(Your Perl \S+ is not in the range '[^']*')/ },
  { line: /(Found \S+ \S+ which doesn't satisfy .*)/ },
  { line: /(Configure failed for .*?)\. See/, output: { from: /^Running \w+\.PL$/, until: /^-> (?:N\/A|FAIL)/ } },
  { line: /(.*\.PL line \d+\.|Can't locate \S+ in @INC.*)/ },
  { line: /(Configure failed for .*?)\. See/ },
  { line: /(Installing \S+ failed)\. See/, output: { from: /^Building (?:and testing )?\S+$/, until: /^-> FAIL / } },
  { line: /(Installing \S+ failed)\. See/ },
  { line: /^! (Failed to (?:fetch distribution|extract|download) .*)/ },
  {
    line: /cannot open file '\S+\/sources\/(\S+\/02packages\.details\.txt\.gz)'/,
    hint: 'the index of that mirror cannot be had: it cannot be reached, refuses the credentials, or has a certificate that is not trusted',
  },
  { line: /(Couldn't find module or a distribution .*)/ },
];

export const renv: readonly InstallRule[] = [
  { line: /(repository \S+ cannot be used: .*(?:certificate|SSL|Peer).*)/i, hint: CERTIFICATES },
  { line: /(repository \S+ cannot be used: .*\b(?:401|403)\b.*)/, hint: CREDENTIALS },
  { line: /(repository \S+ cannot be used: .*\b(?:429|5\d\d) .*)/, hint: REPOSITORY },
  { line: /(repository \S+ cannot be used: .*\b404\b.*)/ },
  { line: /(repository \S+ cannot be used: .*)/, hint: NETWORK },
  { line: /(cannot open URL '[^']+': HTTP status was .*)/ },
  { line: /:(\d+:\d+: unexpected .*)/ },
  { line: /^(Error: package or namespace load failed for .*)/, goesOn: /^(?!Error:)\S/ },
  {
    line: /^(Error in (?!download\.|loadNamespace).*)/,
    goesOn: /^(?!Error|ERROR|Calls:|In addition|Execution|Warning|\*)\S/,
  },
  {
    line: /(unable to access index for repository \S+)$/,
    detail: /^(Line starting .* is malformed!)/,
    needsDetail: true,
  },
  { line: /^ERROR: (dependenc.*)/ },
  { line: /^ERROR: (?!compilation)(.*)/ },
  { line: /^Error: (.*)/ },
  { line: /(compilation failed for package .*)/ },
];
