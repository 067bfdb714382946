import { expect, test } from 'bun:test';
import { curlOf, submitOf } from '#control-plane/web/commands.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';

test('what is copied is one command of a shell, whatever the parameters are', async () => {
  const given = { action_ref: 'demo.echo', parameters: { name: "it's $HOME `x`\n", list: [1, 'a b'] } };
  expect(submitOf({ action_ref: 'demo.echo', parameters: null })).toBe('attune-agent submit demo.echo');
  const command = submitOf(given).replace('attune-agent submit', 'printf "%s|"');
  expect(await new Response(Bun.spawn(['sh', '-c', command]).stdout).text()).toBe(
    `demo.echo|-p|name=it's $HOME \`x\`\n|-p|list=[1,"a b"]|`,
  );
  const curl = curlOf(given, 'http://127.0.0.1:8080/base/').replace('curl', 'printf "%s|"');
  const words = (await new Response(Bun.spawn(['sh', '-c', curl]).stdout).text()).split('|');
  expect(words.slice(0, 3)).toEqual(['-X', 'POST', 'http://127.0.0.1:8080/base/api/v1/executions']);
  expect(JSON.parse(words.at(-2) ?? '')).toEqual(given);
});

test('what is hidden is not copied, and the command says so in a line that is none of it', async () => {
  const parameters = { name: 'x', password: HIDDEN_VALUE, 'a\necho evil': HIDDEN_VALUE };
  const given = { action_ref: 'demo.echo', parameters };
  const said = '# without what is hidden: password, "a\\necho evil"\n';
  expect(submitOf(given)).toBe(`${said}attune-agent submit demo.echo -p name=x`);
  const curl = curlOf(given, 'http://127.0.0.1:8080/');
  expect(curl).toStartWith(`${said}curl -X POST`);
  expect(curl).not.toContain(HIDDEN_VALUE);
  const command = submitOf(given).replace('attune-agent submit', 'printf "%s|"');
  expect(await new Response(Bun.spawn(['sh', '-c', command]).stdout).text()).toBe('demo.echo|-p|name=x|');
});
