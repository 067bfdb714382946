import { show } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { isTable, listFormatOption } from '#cli/options.ts';
import { flag } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';

/** The bill of materials of the file as JSON, filled in by the build. */
declare const ATTUNE_BILL: string;

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version?: string;
    readonly licenses?: readonly {
      readonly expression?: string;
      readonly license?: { readonly id: string; readonly text?: { readonly content: string } };
    }[];
  }[];
}

export const verb = defineVerb({
  details: 'With --format json it prints the bill of materials (CycloneDX).',
  arguments: {},
  options: { texts: flag('--texts', 'Prints the texts of the licences too'), format: listFormatOption() },
  examples: [['attune-agent licenses', 'Lists what is in this file, with versions and licences']],
  action: async (_, { texts, format }) => {
    if (typeof ATTUNE_BILL !== 'string') {
      await complain('this is not the static file: its bill of materials is made when it is built');
      return EXIT.failure;
    }
    const bill = JSON.parse(ATTUNE_BILL) as Bill;
    const rows = bill.components.map(({ name, version = '-', licenses: all }) => [
      name,
      version,
      all?.map((one) => one.expression ?? one.license?.id).join(', ') ?? '-',
    ]);
    await show({ format }, bill, [['NAME', 'VERSION', 'LICENCE'], ...rows]);
    if (!isTable(format) || texts === undefined) return EXIT.success;
    for (const { name, licenses: all } of bill.components)
      for (const { license } of all ?? [])
        if (license?.text) await write(process.stdout, `\n---- ${name}\n\n${license.text.content.trim()}\n`);
    return EXIT.success;
  },
});
