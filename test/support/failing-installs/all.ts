import type { RefusingServer } from '#test/support/refusing-server.ts';
import type { FailingInstall } from './failing-install.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { perl } from './perl.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { r } from './r.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';

export function failingInstalls(server: RefusingServer): readonly FailingInstall[] {
  return [python, node, ruby, go, rust, java, php, perl, r].flatMap((of) => of(server));
}
