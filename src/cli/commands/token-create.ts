import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { shellWord } from '#cli/invoked.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { list, offering, option, words } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { localAuditEntry, withAdminStore } from '#cli/wiring/admin-store.ts';
import { describeToken } from '#cli/wiring/describe-token.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { createToken } from '#control-plane/api/auth.ts';
import { confinementOf, describeRights } from '#control-plane/api/confinement.ts';
import { SCOPES, type Scope } from '#domain/admin-store.ts';
import { DAY_MS } from '#domain/durations.ts';
import { TOKEN_NAME } from '#wire/tokens.ts';

const MOST_DAYS = 36_500;

export const verb = defineVerb({
  details: 'The token is printed once: the database keeps its hash only.',
  arguments: {},
  options: {
    name: option('--name <name>', 'Name of the token, which no other valid token has', { fallback: 'required' }),
    scope: words(
      SCOPES,
      offering(
        'scopes',
        list(
          '--scope <scope>',
          `What the token allows: ${SCOPES.join(', ')}; several with commas or by giving the option again`,
        ),
      ),
    ),
    packs: offering(
      'packs',
      list(
        '--packs <packs>',
        'Confine the token to the actions of these packs, with the scopes submit and read; several with commas or by giving the option again',
      ),
    ),
    actions: offering(
      'actions',
      list('--actions <actions>', 'Confine the token to these actions, beside those of --packs'),
    ),
    expires: option('--expires <days>', 'Days until the token expires', { fallback: 'never' }),
    ...databaseOptions(),
  },
  settings: databaseSettings,
  examples: [
    [
      'attune-agent token create --name laptop --scope read,submit',
      'Makes a token for a person who submits executions',
    ],
    [
      'attune-agent token create --name mailer --scope read,submit --packs sample',
      'Makes a token for which that pack is all there is',
    ],
    ['attune-agent token create --name gpu-1 --scope worker,agent-download --expires 90', 'Makes a token for a worker'],
  ],
  action: async (_, { name, scope, packs, actions, expires, data, config, format }, { sources }) => {
    const scopes = scope.flatMap((one) => one.split(','));
    const days = expires === undefined ? undefined : Number(expires);
    if (scopes.length === 0) {
      await complain(`--scope is missing: one or several of ${SCOPES.join(', ')}`);
      return EXIT.usage;
    }
    if (name === undefined || !TOKEN_NAME.test(name)) {
      await complain(
        `${name === undefined ? '--name is missing' : `--name ${name}`}: expected a name of at most 100 letters, digits, dots, dashes, at signs and spaces, which is not a number`,
      );
      return EXIT.usage;
    }
    if (days !== undefined && !(days > 0 && days <= MOST_DAYS)) {
      await complain(`--expires ${expires}: expected a number of days, more than 0 and at most ${MOST_DAYS}`);
      return EXIT.usage;
    }
    return await withAdminStore(sources, async (store) => {
      const expiresAt = days === undefined ? undefined : Date.now() + days * DAY_MS;
      const wanted = { packs: refsOf(packs), actions: refsOf(actions), scopes: scopes.filter(isScope) };
      const confinement = await confinementOf(store, wanted);
      if (!confinement.ok) {
        const { path, message } = confinement.error;
        await complain(`--${path === 'scopes' ? 'scope' : path}: ${message}`);
        return EXIT.usage;
      }
      const { secret, token } = createToken(name, wanted.scopes, expiresAt);
      const saved = await store.saveToken({ ...token, confinedTo: confinement.value });
      if (!saved) {
        await complain(
          `there is a token '${name}' already: attune-agent token list${optionsOf({ data, config })} shows it; revoke it, or choose another name`,
        );
        return EXIT.failure;
      }
      await store.saveAudit([localAuditEntry('token create', `token ${saved.id} (${describeRights(saved)})`)]);
      await writeAnswer(format, { ...describeToken(saved), token: secret }, secret);
      return EXIT.success;
    });
  },
});

/** The refs of an option, which may be given with commas or several times; undefined: it was not given. */
function refsOf(given: readonly string[]): readonly string[] | undefined {
  return given.length === 0 ? undefined : given.flatMap((one) => one.split(','));
}

function isScope(text: string): text is Scope {
  return SCOPES.some((one) => one === text);
}

/** The options with which another verb finds the same database. */
function optionsOf(given: { readonly data: string | undefined; readonly config: string | undefined }): string {
  return Object.entries(given)
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${shellWord(value)}`]))
    .join('');
}
