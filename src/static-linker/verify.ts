import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PT } from '#formats/elf-layout.ts';
import { alignUp, type Elf, hex, PF, readElf, type Segment } from './elf.ts';
import { LinkError } from './link-error.ts';
import { machineOf } from './machines.ts';

/** Checks what the kernel will see of a linked file. Throws LinkError `verification` naming the first flaw. */
export function verifyStatic(bytes: Uint8Array): void {
  const elf = readElf(bytes, 'linked file');
  const flaw = flawOf(elf);
  if (flaw) throw new LinkError('verification', `linked file: ${flaw}`);
}

function flawOf(elf: Elf): string | undefined {
  if (elf.segments.some((s) => s.type === PT.INTERP)) return 'expected no PT_INTERP, found one';
  if (elf.segments.some((s) => s.type === PT.DYNAMIC)) return 'expected no PT_DYNAMIC, found one';
  const loads = elf.segments.filter((s) => s.type === PT.LOAD);
  for (const [i, load] of loads.entries()) {
    const flaw = flawOfLoad(elf, load, loads[i - 1]);
    if (flaw) return `PT_LOAD at ${hex(load.address)}: ${flaw}`;
  }
  const code = loads.find((s) => elf.entry >= s.address && elf.entry < s.address + s.fileBytes);
  return code && (code.flags & PF.X) !== 0 ? undefined : `expected the entry ${hex(elf.entry)} in executable code`;
}

function flawOfLoad(elf: Elf, load: Segment, previous: Segment | undefined): string | undefined {
  const { pageBytes } = machineOf(elf.machine, elf.label);
  if ((load.flags & PF.W) !== 0 && (load.flags & PF.X) !== 0) return 'expected not both writable and executable';
  if (load.offset + load.fileBytes > elf.bytes.length) return 'expected inside the file, found beyond its end';
  if (load.offset % pageBytes !== load.address % pageBytes)
    return `expected offset ${hex(load.offset)} and address to agree modulo ${pageBytes}`;
  const floor = previous ? alignUp(previous.address + previous.memoryBytes, pageBytes) : 0;
  const begin = load.address - (load.address % pageBytes);
  return begin < floor ? `expected to begin behind ${hex(floor)}` : undefined;
}

/**
 * The outcome of running a file where there is nothing else: its output, or why this machine does not allow the trial.
 */
export type Trial =
  | { readonly kind: 'ran'; readonly output: string }
  | { readonly kind: 'not-allowed'; readonly reason: string };

/** Runs `file --version` in an empty root. Throws LinkError `verification` when it runs and fails. */
export function tryInEmptyRoot(file: string): Trial {
  const root = mkdtempSync(join(tmpdir(), 'attune-empty-'));
  try {
    copyFileSync(file, join(root, 'agent'));
    const tool = process.getuid?.() === 0 ? 'chroot' : 'unshare';
    const path = Bun.which(tool);
    if (path === null) return { kind: 'not-allowed', reason: `${tool} not found` };
    const enter = tool === 'chroot' ? [root] : ['--user', '--map-root-user', `--root=${root}`];
    const { exitCode, stdout, stderr } = Bun.spawnSync([path, ...enter, '/agent', '--version'], { env: {} });
    const complaint = stderr.toString().trim();
    if (exitCode === 0) return { kind: 'ran', output: stdout.toString().trim() };
    if (complaint.startsWith(`${tool}:`) && !complaint.includes('/agent'))
      return { kind: 'not-allowed', reason: complaint };
    throw new LinkError(
      'verification',
      `linked file: expected to run in an empty root, found exit code ${exitCode}: ${complaint}`,
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}
