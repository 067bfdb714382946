/** A line that tells why an installer failed. */
export interface InstallRule {
  /** The pattern of the line, whose first group is told; without a group the whole line is. */
  readonly line: RegExp;
  /** Whether the last such line is meant rather than the first. */
  readonly isLast?: true;
  /** A later line that says more, told behind the first. */
  readonly detail?: RegExp;
  /** Whether the rule applies only where there is such a line. */
  readonly needsDetail?: true;
  /** Whether the detail is told without the line before it, which is nobody's concern. */
  readonly isDetailAlone?: true;
  /** A line that goes on with what the detail, or else the first line, has begun: all that follow it at once are told too. */
  readonly goesOn?: RegExp;
  /** Where the output of a program is that the installer ran: its reason is told behind the line. Without one the rule does not apply. */
  readonly output?: ProgramOutput;
  /** The hint at what mends the failure, where the line does not say it. */
  readonly hint?: string;
}

/** The part of an installer's output that a program of a package has written. */
export interface ProgramOutput {
  /** The line behind which it begins. Default: the line of the rule. */
  readonly from?: RegExp;
  /** The first line that is not of it, which must be there. Default: it goes on to the end. */
  readonly until?: RegExp;
  /** What the installer writes before each line of it, made of what the rule tells. Such lines may then be anywhere. */
  readonly mark?: (told: string) => RegExp;
}

export const CERTIFICATES =
  'the certificate of that server is not trusted: add its CA to the image, or name a file with it in SSL_CERT_FILE';
export const CREDENTIALS =
  'the repository wants other credentials: give them to the installer by its variables or its configuration file';
export const NETWORK =
  'it cannot be reached from this container: check network, proxy and mirror, or set environments.offline and bring the packages along';
export const REPOSITORY = 'the repository itself has failed: try again later';
export const COMPILER =
  'install a compiler in the image (Debian: build-essential), or use a package that is built already';
