import { z } from 'zod';
import { MISSED_RULES, type Schedule } from '#domain/schedule.ts';
import { flawsOfCron } from '#formats/cron.ts';

const MOST_SCHEDULES = 20;
const NO_NAME = 'default';

const schedule = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,100}$/, 'letters, digits, _ . and - only')
      .default(NO_NAME)
      .describe('Tells the schedules of an action apart'),
    cron: z.string().describe('Minute, hour, day, month and day of the week, such as 30 2 * * *, or @daily'),
    time_zone: z.string().default('UTC').describe('Time zone of these hours, such as Europe/Berlin'),
    parameters: z.record(z.string(), z.unknown()).default({}).describe('Parameters of the executions'),
    missed: z
      .enum(MISSED_RULES)
      .default('once')
      .describe('What becomes of times at which no server ran: one execution for all of them, or none (skip)'),
  })
  .superRefine(({ cron, time_zone: timeZone }, context) => {
    for (const { path, message } of flawsOfCron({ cron, timeZone }))
      context.addIssue({ code: 'custom', path: [path], message });
  });

/** The value of `schedule` in the file of an action: one, or several that have names. */
export const scheduleSchema = z
  .union([schedule, z.array(schedule).max(MOST_SCHEDULES)])
  .superRefine((given, context) => {
    const names = [given].flat().map((one) => one.name);
    const twice = names.find((name, n) => names.indexOf(name) !== n);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `two schedules have the name '${twice}'` });
  });

/** The schedules of an action, from what its file says. */
export function schedulesOf(given: z.infer<typeof scheduleSchema> | undefined | null): readonly Schedule[] {
  return [given ?? []].flat().map(({ time_zone: timeZone, ...one }) => ({ ...one, timeZone }));
}
