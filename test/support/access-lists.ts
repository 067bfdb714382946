/** Access control lists of POSIX, by Python, as the programs for them are rare. */
import { call } from './call.ts';

const U = 0xffffffff;
const set = `import os, struct, sys
path, kind, uid, rights = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
entries = [(1, 7, ${U}), (2, rights, uid), (4, 5, ${U}), (16, 7, ${U}), (32, 1, ${U})]
data = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
os.setxattr(path, 'system.posix_acl_' + kind, data)`;

/** Gives a user rights (4 to read, 2 to write, 1 to pass) that no mode shows, or a directory a default list with them. */
export function giveRights(path: string, kind: 'access' | 'default', [uid, rights]: readonly [number, number]): void {
  const { exitCode, stderr } = call(['python3', '-c', set, path, kind, String(uid), String(rights)]);
  if (exitCode !== 0) throw new Error(stderr);
}
