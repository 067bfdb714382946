/** The variables by which a program is made to load or run something else than it was started for. */
const NAMES = new Set(
  [
    'PATH ENV IFS PS4 CDPATH SHELL SHELLOPTS HOME TMPDIR EDITOR VISUAL PAGER BROWSER LESSOPEN ZDOTDIR FPATH',
    'PROMPT_COMMAND BASHOPTS LOCPATH NLSPATH GCONV_PATH HOSTALIASES RES_OPTIONS LIBPATH SHLIB_PATH POSIXLY_CORRECT',
    'CLASSPATH CC CXX CPP AR LD MAKEFLAGS CFLAGS CXXFLAGS CPPFLAGS LDFLAGS COMPILER_PATH LIBRARY_PATH CPATH',
    'GOPATH GOROOT GOFLAGS GOBIN GOPROXY GOENV GOCACHE GOMODCACHE GOTOOLCHAIN GOPRIVATE GOSUMDB GONOSUMDB GOINSECURE',
    'GOEXPERIMENT GOWORK GOTMPDIR PHPRC AWKPATH AWKLIBPATH VIRTUAL_ENV SSL_CERT_FILE SSL_CERT_DIR',
    'HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY NO_PROXY',
  ].flatMap((line) => line.split(' ')),
);
const PREFIXES = [
  ...['ATTUNE_', 'LD_', 'DYLD_', 'BASH_', 'KSH_', 'MALLOC_', 'GLIBC_', 'GIT_', 'SSH_', 'OPENSSL_', 'CURL_', 'WGET'],
  ...['PYTHON', 'PIP_', 'UV_', 'CONDA_', 'NODE_', 'NPM_', 'YARN_', 'PNPM_', 'COREPACK_', 'BUN_', 'DENO_', 'TS_NODE_'],
  ...['PERL', 'RUBY', 'GEM_', 'BUNDLE_', 'RBENV_', 'PHP_', 'COMPOSER_', 'LUA_', 'TCL', 'GUILE_', 'PLT', 'RACKET_'],
  ...['JAVA_', 'JDK_', '_JAVA_', 'MAVEN_', 'GRADLE_', 'KOTLIN_', 'SCALA_', 'GROOVY_', 'SBT_', 'CLJ_', 'JBANG_'],
  ...['CGO_', 'CARGO_', 'RUST', 'GCC_', 'R_', 'RENV_', 'JULIA_', 'OCAML', 'OPAM', 'CAML_', 'ERL_', 'ELIXIR_', 'MIX_'],
  ...['HEX_', 'GHC', 'CABAL_', 'DOTNET_', 'NUGET_', 'COMPLUS_', 'CORECLR_', 'POWERSHELL_', 'PSMODULE'],
];

/**
 * Tells whether a variable of that name could change what is run, or belongs to the action contract: no request may set
 * it, whatever an action says. Names of every case are meant: some programs read proxies and settings in lower case.
 */
export function steersPrograms(name: string): boolean {
  const upper = name.toUpperCase();
  return NAMES.has(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix));
}
