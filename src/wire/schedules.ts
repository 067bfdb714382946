import { z } from 'zod';
import { MISSED_RULES } from '#domain/schedule.ts';
import { anyObject, nextCursor, oneOfToday } from './values.ts';

/** A schedule as the API shows it. */
export const schedule = z
  .object({
    id: z.int(),
    action_ref: z.string(),
    name: z.string(),
    pack_ref: z.string().nullable().meta({ description: 'the pack whose file has it; null: it was made by the API' }),
    cron: z.string(),
    time_zone: z.string(),
    parameters: z.unknown(),
    missed: oneOfToday(MISSED_RULES),
    paused: z.boolean(),
    next_times: z.array(z.string()).meta({ description: 'the next times, none while it is paused' }),
    last_time: z.string().nullable(),
    last_execution: z.int().nullable(),
    problem: z.string().nullable().meta({ description: 'why the last time came to nothing' }),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof schedule>;

export const scheduleList = z.object({ schedules: z.array(schedule), next_cursor: nextCursor });

/** The body of `POST /schedules`. */
export const scheduleRequest = z
  .strictObject({
    action_ref: z.string().min(1).max(500),
    name: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,100}$/, 'letters, digits, _ . and - only')
      .default('default')
      .meta({ description: 'tells the schedules of an action apart' }),
    cron: z.string().min(1).max(200).meta({
      description: 'minute, hour, day, month and day of the week; or @hourly, @daily, @weekly, @monthly, @yearly',
      example: '30 2 * * *',
    }),
    time_zone: z.string().min(1).max(200).default('UTC').meta({ example: 'Europe/Berlin' }),
    parameters: anyObject.default({}),
    missed: z.enum(MISSED_RULES).default('once').meta({
      description: 'what becomes of times at which no server ran: one execution for all of them, or none',
    }),
    paused: z.boolean().default(false),
  })
  .meta({
    id: 'ScheduleRequest',
    example: {
      action_ref: 'sample.stats',
      cron: '30 2 * * *',
      time_zone: 'Europe/Berlin',
      parameters: { values: [1] },
    },
  });
export type ScheduleRequest = z.input<typeof scheduleRequest>;
