import { rootFileSystem } from '#test/support/root-file-systems.ts';

console.log(rootFileSystem('installers'));
