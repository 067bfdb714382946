import { z } from 'zod';

/** `uid` or `uid:gid`. */
export const executionUser = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d{1,10}(:\d{1,10})?$/.test(text), { message: 'expected numbers, uid or uid:gid' });

/** Of each execution. What cannot be had in this container keeps the worker from starting. */
export const limits = z
  .strictObject({
    memory_bytes: z.coerce.number().int().min(4_194_304, 'expected 4194304 (4 MiB) at least').optional(),
    /** Processors; may be a fraction. */
    cpus: z.coerce.number().min(0.01).max(1024).optional(),
    pids: z.coerce.number().int().min(1).max(4_194_304).optional(),
    open_files: z.coerce.number().int().min(8).optional(),
    /** The largest file that it may write. */
    file_bytes: z.coerce.number().int().positive().optional(),
    /** Added to the agent's own. */
    nice: z.coerce.number().int().min(-20).max(19).optional(),
    /** `none`: no sockets but unix ones. */
    network: z.enum(['allowed', 'none']).default('allowed'),
    /** `read-only`: files can be changed in its private directory and its artifacts only. */
    filesystem: z.enum(['writable', 'read-only']).default('writable'),
  })
  .prefault({});
