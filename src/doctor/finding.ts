/** The checks by their names, in their order. */
export const CHECKS = [
  ...(['kernel', 'proc', 'devices', 'user', 'memory', 'processors', 'processes', 'open files'] as const),
  ...([
    'work directory',
    'execution',
    'native functions',
    'sockets',
    'zombies',
    'places',
    'secrets',
    'sandbox',
  ] as const),
  ...(['names', 'certificates', 'database', 'broker', 'server', 'clock', 'login'] as const),
];

/** The finding of one check. `advice` is what to do about it. */
export interface Finding {
  readonly check: string;
  /** `failure`: something will not work. `warning`: something may not. `skipped`: could not be looked at. */
  readonly state: 'ok' | 'warning' | 'failure' | 'skipped';
  readonly what: string;
  readonly advice?: string;
}

/** A check by its name. It must not throw; one that does is a failure of its own. */
export interface Check {
  readonly name: (typeof CHECKS)[number];
  examine(): Promise<Answer>;
}

export type Answer = Omit<Finding, 'check'>;

export const ok = (what: string): Answer => ({ state: 'ok', what });
export const warning = (what: string, advice: string): Answer => ({ state: 'warning', what, advice });
export const broken = (what: string, advice: string): Answer => ({ state: 'failure', what, advice });
export const skipped = (what: string): Answer => ({ state: 'skipped', what });
