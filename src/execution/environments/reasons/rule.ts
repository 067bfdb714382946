/** A line that tells why an installer failed. */
export interface InstallRule {
  /** The pattern of the line, whose first group is told; without a group the whole line is. */
  readonly line: RegExp;
  /** A later line that says more, told behind the first. */
  readonly detail?: RegExp;
  /** The hint at what mends the failure, where the line does not say it. */
  readonly hint?: string;
}

export const CERTIFICATES =
  'the certificate of that server is not trusted: add its CA to the image, or name a file with it in SSL_CERT_FILE';
export const CREDENTIALS =
  'the repository wants other credentials: give them to the installer by its variables or its configuration file';
export const NETWORK =
  'it cannot be reached from this container: check network, proxy and mirror, or set environments.offline and bring the packages along';
export const COMPILER =
  'install a compiler in the image (Debian: build-essential), or use a package that is built already';
