export interface Call {
  readonly exitCode: number | null;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** The whole environment; by default that of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs a command to its end. */
export function call(command: readonly string[], { env, input = '', cwd }: CallOptions = {}): Call {
  const { exitCode, signalCode, stdout, stderr } = Bun.spawnSync([...command], {
    stdin: Buffer.from(input),
    stdout: 'pipe',
    stderr: 'pipe',
    env: env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return {
    exitCode,
    signal: signalCode === undefined || signalCode === null ? undefined : String(signalCode),
    stdout: stdout.toString(),
    stderr: stderr.toString(),
  };
}
