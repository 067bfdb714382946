import { expect, test } from 'bun:test';
import { curlOf, submitOf } from '#control-plane/web/commands.ts';

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
