import { readFileSync } from 'node:fs';

const { template, values } = JSON.parse(readFileSync(0, 'utf8'));

const lookUp = (scope, name) => name.split('.').reduce((value, key) => value?.[key], scope);

function fill(text, scope) {
  const repeated = text.replace(/\{\{#([\w.]+)\}\}([^]*?)\{\{\/\1\}\}/g, (_, name, body) =>
    (lookUp(scope, name) ?? [])
      .map((item) => fill(body, { ...scope, item, ...(Object(item) === item ? item : {}) }))
      .join(''),
  );
  return repeated.replace(/\{\{([\w.]+)\}\}/g, (_, name) => {
    const value = lookUp(scope, name);
    if (value === undefined) throw new Error(`the template uses '${name}', which has no value`);
    return String(value);
  });
}

process.stdout.write(`${fill(template, values)}\n`);
