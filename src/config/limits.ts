import { z } from 'zod';

/** The kernel takes one more for "as before". */
const LARGEST_ID = 4_294_967_294;

/** A user by number, as `uid` or `uid:gid`. */
export const executionUser = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d+(:\d+)?$/.test(text), {
    message: 'expected numbers, uid or uid:gid (`id NAME` tells those of a user)',
  })
  .refine((text) => text.split(':').every((id) => BigInt(/^\d+$/.test(id) ? id : 1) > 0n), {
    message: 'actions do not run as root (0), nor in its group: give another user, or leave this setting out',
  })
  .refine((text) => text.split(':').every((id) => BigInt(/^\d+$/.test(id) ? id : 1) <= LARGEST_ID), {
    message: `a number is larger than ${LARGEST_ID}, the largest id of a user`,
  })
  .meta({ kind: '`uid` or `uid:gid`, in numbers' });

const MOST_USERS = 1000;

/** Users by their numbers, from the first to the last. */
export const executionUsers = z
  .string()
  .regex(/^\d{1,10}-\d{1,10}$/, 'expected two numbers, FIRST-LAST')
  .refine(
    (text) => {
      const [first = 0, last = 0] = text.split('-').map(Number);
      return first >= 1 && last <= LARGEST_ID && last >= first && last - first < MOST_USERS;
    },
    { message: `expected FIRST-LAST from 1 (0 is root) to ${LARGEST_ID}, ${MOST_USERS} users at most` },
  )
  .meta({ kind: '`FIRST-LAST`, two numbers' });

const unset = 'no limit';
const whole = z.coerce.number().int();

/** The section `limits`. */
export const limits = z
  .strictObject({
    memory_bytes: whole
      .min(4_194_304, 'expected 4194304 (4 MiB) at least')
      .optional()
      .meta({ description: 'Bytes of memory of an execution, by a cgroup', unset }),
    cpus: z.coerce
      .number()
      .min(0.01)
      .max(1024)
      .optional()
      .meta({ description: 'Processors that an execution may use, by a cgroup; fractions are allowed', unset }),
    pids: whole
      .min(1)
      .max(4_194_304)
      .optional()
      .meta({ description: 'Processes and threads of an execution, by a cgroup', unset }),
    open_files: whole
      .min(8)
      .optional()
      .meta({ description: 'Open files of each process of an execution', unset: 'the limit of the agent' }),
    file_bytes: whole.positive().optional().meta({
      description: 'Bytes of the largest file that a process of an execution may write',
      unset: 'the limit of the agent',
    }),
    nice: whole.min(-20).max(19).optional().meta({
      description: 'Niceness of executions, added to that of the agent',
      unset: 'the niceness of the agent',
    }),
    network: z
      .enum(['allowed', 'none'])
      .default('allowed')
      .describe('Network of executions: `none` leaves them Unix sockets only'),
    filesystem: z
      .enum(['writable', 'read-only'])
      .default('writable')
      .describe(
        'File system of executions: with `read-only`, an execution can change files only in its private directory and among its artifacts',
      ),
  })
  .prefault({})
  .describe(
    'Limits of each execution. If this container cannot enforce a limit that is set, the worker does not start and says why; `attune-agent doctor --only sandbox` reports what it can enforce.',
  );
