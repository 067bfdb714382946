/** The variables by which a program is made to load or run something else than it was started for. */
const NAMES = new Set(
  [
    'PATH ENV IFS PS4 CDPATH SHELL SHELLOPTS HOME TMPDIR VISUAL BROWSER LESSOPEN ZDOTDIR FPATH',
    'PROMPT_COMMAND BASHOPTS LOCPATH NLSPATH GCONV_PATH HOSTALIASES RES_OPTIONS LIBPATH SHLIB_PATH POSIXLY_CORRECT',
    'CLASSPATH CC CXX CPP AR LD CFLAGS CXXFLAGS CPPFLAGS LDFLAGS COMPILER_PATH LIBRARY_PATH CPATH',
    'GOPATH GOROOT GOFLAGS GOBIN GOPROXY GOENV GOCACHE GOMODCACHE GOTOOLCHAIN GOPRIVATE GOSUMDB GONOSUMDB GOINSECURE',
    'GOEXPERIMENT GOWORK GOTMPDIR PHPRC AWKPATH AWKLIBPATH VIRTUAL_ENV SSL_CERT_FILE SSL_CERT_DIR',
    'MAKEFILES MAKEFLAGS MFLAGS GNUMAKEFLAGS M4PATH ACLOCAL_PATH AUTOM4TE MANPATH INFOPATH TEXINPUTS LUAINPUTS GS_LIB',
    'INPUTRC NETRC ZIPOPT TERMINFO TERMINFO_DIRS TERMCAP TZDIR LESS LESSCLOSE LESSKEY VIMINIT EXINIT FCEDIT GNUPGHOME HISTFILE MAILCAPS',
    'KUBECONFIG REGISTRY_AUTH_FILE BOTO_CONFIG AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_CA_BUNDLE',
    'GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_CONFIG AZURE_CONFIG_DIR SSLKEYLOGFILE REQUESTS_CA_BUNDLE QT_PLUGIN_PATH',
    'PGSERVICEFILE PGSYSCONFDIR PGPASSFILE PSQLRC MYSQL_HOME TNS_ADMIN ORACLE_HOME ODBCINI ODBCSYSINI ODBCINSTINI',
    'SASL_PATH SASL_CONF_PATH HGRCPATH HGPLAIN DOCKER_CONFIG DOCKER_HOST',
  ].flatMap((line) => line.split(' ')),
);
const PREFIXES = [
  ...['ATTUNE_', 'LD_', 'DYLD_', 'BASH_', 'KSH_', 'MALLOC_', 'GLIBC_', 'GIT_', 'SSH_', 'OPENSSL_', 'CURL_', 'WGET'],
  ...['PYTHON', 'PIP_', 'UV_', 'CONDA_', 'NODE_', 'NPM_', 'YARN_', 'PNPM_', 'COREPACK_', 'BUN_', 'DENO_', 'TS_NODE_'],
  ...['PERL', 'RUBY', 'GEM_', 'BUNDLE_', 'RBENV_', 'PHP_', 'COMPOSER_', 'LUA_', 'TCL', 'GUILE_', 'PLT', 'RACKET_'],
  ...['JAVA_', 'JDK_', '_JAVA_', 'MAVEN_', 'GRADLE_', 'KOTLIN_', 'SCALA_', 'GROOVY_', 'SBT_', 'CLJ_', 'JBANG_'],
  ...['CGO_', 'CARGO_', 'RUST', 'GCC_', 'R_', 'RENV_', 'JULIA_', 'OCAML', 'OPAM', 'CAML_', 'ERL_', 'ELIXIR_', 'MIX_'],
  ...['XDG_', 'RSYNC_', 'SUDO_', 'SYSTEMD_', 'DBUS_', 'GTK_', 'GIO_', 'FONTCONFIG_', 'MAGICK_', 'PKG_CONFIG', 'CMAKE_'],
  ...['CCACHE_', 'DISTCC_', 'TEXMF', 'KRB5', 'GNUTLS_', 'GPG_', 'SVN_', 'ANSIBLE_', 'TF_CLI_', 'TF_PLUGIN_', 'HELM_'],
  ...['HEX_', 'GHC', 'CABAL_', 'DOTNET_', 'NUGET_', 'COMPLUS_', 'CORECLR_', 'POWERSHELL_', 'PSMODULE'],
];
/** How programs call the variables in which they take arguments, or other programs that they start. */
const ENDS = ['_OPTIONS', '_OPTS', '_PROXY', '_RSH', 'EDITOR', 'PAGER', '_PRELOAD', '_ASKPASS'];

/**
 * Tells whether a variable of that name could change what is run, or belongs to the action contract: no request may set
 * it, whatever an action says. Names of every case are meant: some programs read proxies and settings in lower case.
 */
export function steersPrograms(name: string): boolean {
  const upper = name.toUpperCase();
  const isOfPrograms = PREFIXES.some((start) => upper.startsWith(start)) || ENDS.some((end) => upper.endsWith(end));
  return isOfPrograms || NAMES.has(upper);
}
