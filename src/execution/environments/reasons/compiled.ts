/** What builders of compiled languages and of the JVM say. */
import { CERTIFICATES, CREDENTIALS, type InstallRule, NETWORK, REPOSITORY } from './rule.ts';

export const go: readonly InstallRule[] = [
  {
    line: /(verifying \S+: checksum mismatch)/,
    hint: 'go.sum was written with another content: run go mod tidy where the pack is written, if the change is wanted',
  },
  {
    line: /(missing go\.sum entry for .*?)(?:; to add:)?$/,
    hint: 'run go mod tidy where the pack is written, and put the new go.sum into the pack',
  },
  {
    line: /(no required module provides package [^;]*)/,
    hint: 'run go mod tidy where the pack is written, and put the new go.mod and go.sum into the pack',
  },
  { line: /(updates to go\.(?:mod|sum) needed.*)/, hint: 'run go mod tidy where the pack is written' },
  {
    line: /(inconsistent vendoring) in /,
    detail: /(\S+@\S+: .*)/,
    hint: 'run go mod vendor where the pack is written',
  },
  { line: /(x509: .*|.*: x509: .*)/, hint: CERTIFICATES },
  { line: /(reading \S+: 40[13] .*)/, hint: CREDENTIALS },
  { line: /(Get "[^"]+": (?:proxyconnect tcp: )?dial tcp.*)/, hint: NETWORK },
  { line: /(reading \S+: (?:429|5\d\d) .*)/, hint: REPOSITORY },
  {
    line: /(go\.mod:\d+: (?:invalid go version|unknown directive: toolchain).*)/,
    hint: 'go.mod was written for a newer Go: install that in the image, or lower its go line',
  },
  {
    line: /(module lookup disabled by GOPROXY=off)/,
    hint: 'no network may be used: bring the modules along in vendor (go mod vendor)',
  },
  { line: /(module \S+: reading \S+: 404 .*|.*unknown revision.*|.*no matching versions.*)/ },
  { line: /(go: errors parsing go\.mod.*)/, detail: /(go\.mod:\d+: .*)/ },
  { line: /(\S{1,300}\.go:\d+:\d+: .*)/ },
  { line: /^(package \S+)$/, detail: /^(imports \S+.*)/, needsDetail: true, goesOn: /^imports / },
  {
    line: /(-buildmode=exe requires exactly one main package)/,
    hint: 'the script begins with the name of another package: write package main',
  },
  { line: /^go: (?!downloading)(.*)/ },
];

export const cargo: readonly InstallRule[] = [
  {
    line: /(the lock file \S+ needs to be updated)/,
    hint: 'run cargo update --workspace where the pack is written, and put the new Cargo.lock into the pack',
  },
  {
    line: /(checksum for `[^`]+` changed between lock files)/,
    hint: 'the package is not the one that Cargo.lock was written with',
  },
  { line: /(\[60\] .*|SSL.*certificate.*)/, hint: CERTIFICATES },
  { line: /(server returned unexpected HTTP status code 40[13] for \S+|.*got 40[13]\b.*)/, hint: CREDENTIALS },
  {
    line: /(\[(?:6|7|28)\] .*|failed to (?:resolve address|connect to \S+:) .*|.*spurious network error.*)/,
    hint: NETWORK,
  },
  {
    line: /(attempting to make an HTTP request, but --offline was specified|.*: you are in offline mode .*)/,
    hint: 'no network may be used: bring the crates along (cargo vendor)',
  },
  {
    line: /(failed to select a version for .*)/,
    detail:
      /(candidate versions found .*|package `[^`]+` depends on .*|previously selected package .*|the package `[^`]+` links to .*)/,
  },
  { line: /(no matching package named .* found)/ },
  { line: /(failed to get 200 response from .*)/ },
  {
    line: /^error: (failed to parse manifest) at/,
    detail: /(this version of Cargo is older than .*|TOML parse error.*|unknown .*|missing .*)/,
    needsDetail: true,
  },
  { line: /(rustc \S+ is not supported by the following packages?)/, detail: /^(\S+ requires rustc .*)/ },
  { line: /(failed to run custom build command for `[^`]+`)/, output: { from: /^--- stderr$/ } },
  {
    line: /(lock file version .* (?:requires|was found).*)/,
    hint: 'Cargo.lock was written by a newer cargo: install that in the image, or write it anew with this one',
  },
  { line: /(.*(?:unexpected HTTP status code|\bgot) (?:429|5\d\d)\b.*)/, hint: REPOSITORY },
  {
    line: /(failed to get `[^`]+` as a dependency of .*)/,
    detail: /^(failed to (?:read|parse|fetch) .*)/,
    needsDetail: true,
  },
  /* The last of its causes is the first one. */
  { line: /^error: (failed to .*)/, output: { from: /^Caused by:$/ } },
  { line: /(package `[^`]+` cannot be built because it requires rustc .*)/ },
  { line: /^(error(?:\[E\d+\])?: (?!could not compile|aborting).*)/, detail: /^--> (.*)/ },
];

export const maven: readonly InstallRule[] = [
  { line: /(Could not transfer .*(?:PKIX|certificate|certification path).*)/i, hint: CERTIFICATES },
  {
    line: /(Could not transfer .*(?:\b40[13]\b|Unauthorized|Forbidden|authentication failed|authorization failed|Not authorized).*)/i,
    hint: CREDENTIALS,
  },
  { line: /(Could not transfer .*\bstatus(?: code)?: (?:429|5\d\d).*?)(?: -> \[Help.*)?$/, hint: REPOSITORY },
  {
    line: /(Could not transfer .* https:.*)/,
    hint: `${NETWORK}; Maven says the same where the certificate of the server is not trusted`,
  },
  { line: /(Could not transfer .*)/, hint: NETWORK },
  { line: /(Checksum validation failed.*)/ },
  {
    line: /(Cannot access \S+ .*in offline mode.*)/,
    hint: 'no network may be used: build the environment ahead where there is one (attune-agent environments build)',
  },
  { line: /\[(?:ERROR|FATAL)\] +(Non-readable POM .*?)(?: @ *)?$/ },
  { line: /\[ERROR\] +('\S+' for \S+ (?:is missing|must be a valid version but is).*)/ },
  { line: /(Could not find artifact .*?)(?: -> \[Help.*)?$/ },
  { line: /\[ERROR\] +(Child module .*?)(?: @ *)?$/ },
  { line: /^(Unable to parse maven\.config.*|Unrecognized maven\.config.*)/, detail: /^(Unrecognized option: .*)/ },
  { line: /\[FATAL\] +(\S.*?)(?: @ *)?$/ },
  {
    line: /\[ERROR\] (No plugin found for prefix .*?)(?: -> \[Help.*)?$/,
    hint: "the repository does not have Maven's own plugins: is it a mirror of Maven Central?",
  },
  { line: /\[ERROR\] (?!\[ERROR\]|Some problems|Re-run|For more|To see|\[Help)(\S.*?)(?: -> \[Help.*)?$/ },
];

export const gradle: readonly InstallRule[] = [
  { line: /(.*PKIX path building failed.*)/, hint: CERTIFICATES },
  { line: /> (Could not (?:GET|HEAD) .*\b(?:401|403)\b.*)/, hint: CREDENTIALS },
  { line: /> (Connect to .* failed: .*|\S+: (?:Name or service not known|Temporary failure.*))/, hint: NETWORK },
  { line: /> (Could not (?:GET|HEAD) .*\b(?:429|5\d\d)\b.*)/, hint: REPOSITORY },
  { line: /> (Could not (?:GET|HEAD) .*)/ },
  { line: /(Plugin \[id: .*\] was not found in any of the following sources)/, detail: /^- (Plugin Repositories .*)/ },
  { line: /> (Could not find \S+:\S+:\S+?)\.?$/, detail: /(https?:\/\/\S+)/ },
  { line: /> (Cannot resolve external dependency .* because no repositories are defined)/ },
  {
    line: /(No cached version of .* available for offline mode)/,
    hint: 'no network may be used: bring the libraries along in lib',
  },
  { line: /(Dependency verification failed.*)/ },
  { line: /(build file '[^']+': \d+: .*)/ },
  { line: /(Build file '[^']+' line: \d+)/, detail: /> (.*)/, goesOn: /^(?!\* )\S/ },
  { line: /^\* What went wrong:/, detail: /^(\S.*)/, goesOn: /^(?!\* )\S/ },
];
