/** What a pack with dependencies costs in each of twelve families: to install once, and then at each execution. */

import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import { writePacksWithDependencies } from '#test/support/packs-with-dependencies.ts';
import { projectRoot } from '#test/support/project.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/* Within the root that has them all, on this program's own modules: the project lies at /opt/attune there. */
using packs = temporaryDirectory();
writePacksWithDependencies(packs.path);
/* Programs that do something: there the agent's share is what it is in practice. */
for (const [family, entryPoint, text] of [
  [
    'go',
    'sum.go',
    'package main\n\nimport (\n\t"crypto/sha256"\n\t"fmt"\n)\n\nfunc main() {\n\tb := make([]byte, 1<<20)\n\tfor i := 0; i < 20; i++ {\n\t\ts := sha256.Sum256(b)\n\t\tb[0] = s[0]\n\t}\n\tfmt.Printf("%d\\n", b[0])\n}\n',
  ],
  [
    'java',
    'Sum.java',
    'class Sum {\n    public static void main(String[] a) throws Exception {\n        byte[] b = new byte[1 << 20];\n        for (int i = 0; i < 20; i++) b[0] = java.security.MessageDigest.getInstance("SHA-256").digest(b)[0];\n        System.out.println(b[0]);\n    }\n}\n',
  ],
] as const) {
  const pack = `${family}_hashes_20mb`;
  packs.file(`${pack}/pack.yaml`, `ref: ${pack}\nversion: 1.0.0\n`);
  packs.file(`${pack}/actions/sum.yaml`, `runner_type: ${family}\nentry_point: ${entryPoint}\n`);
  packs.file(`${pack}/actions/${entryPoint}`, text);
}
const root = rootFileSystem('installers');
const command = agentInRoot([], { packs: packs.path, directory: projectRoot });
const inRoot = command.slice(0, command.indexOf('chroot') + 3);
const child = Bun.spawn([...inRoot, 'sh', '-c', 'cd /opt/attune && exec bun test/bench/environments-inside.ts /mnt'], {
  env: rootEnv,
  stdio: ['ignore', 'inherit', 'inherit'],
});
console.log(`environments: greet of each family in ${root.slice(root.lastIndexOf('/') + 1)}; medians of 15 runs`);
process.exitCode = await child.exited;
