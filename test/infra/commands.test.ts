import { expect, it } from 'vitest';
import { outputsOf, parametersOf } from './bicep/document.ts';
import { infraFile, literalOf, parseBicep } from './bicep/syntax.ts';

const documents = ['../README.md', 'README.md', 'RUNBOOK.md'].map(infraFile).join('\n').replaceAll('\\\n', ' ');
const found = (pattern: RegExp): string[][] => [...documents.matchAll(pattern)].map(([, ...groups]) => groups);

it('commands ask for outputs that main.bicep has', async () => {
  const outputs = outputsOf(await parseBicep(infraFile('main.bicep'))).map(({ name }) => name);
  const asked = new Set(found(/\$\(out (\w+)\)/g).flat());
  expect(asked).toContain('storageName');
  expect([...asked].filter((name) => !outputs.includes(name))).toEqual([]);
});

it('modules that are deployed alone are given what they need', async () => {
  const deployed = found(/-f infra\/(modules\/[\w-]+\.bicep) -p ([^\n#]+)/g);
  expect(deployed.map(([path]) => path)).toEqual(['modules/vault-writer.bicep', 'modules/events.bicep']);
  for (const [path = '', given = ''] of deployed) {
    const names = [...given.matchAll(/(\w+)=/g)].map(([, name]) => name);
    const parameters = parametersOf(await parseBicep(infraFile(path)));
    expect(names.filter((name) => !parameters.some((one) => one.name === name))).toEqual([]);
    const required = parameters.filter(({ value }) => value === undefined).map(({ name }) => name);
    expect(required.filter((name) => !names.includes(name))).toEqual([]);
  }
});

it('a vault elsewhere sends to the queue and the container that the deployment makes', async () => {
  const parameters = parametersOf(await parseBicep(infraFile('modules/events.bicep')));
  const standard = (name: string) => {
    const value = parameters.find((one) => one.name === name)?.value;
    return value === undefined ? undefined : literalOf(value);
  };
  expect(infraFile('modules/bus.bicep')).toContain(`var eventQueue = '${standard('queueName')}'`);
  expect(infraFile('modules/storage.bicep')).toContain(
    `var deadLetterContainer = '${standard('deadLetterContainer')}'`,
  );
});

it('an alert that counts is looked at over the time that it looks back, and a query over no less than its own', () => {
  const rules = [...infraFile('modules/alerts.bicep').matchAll(/name: '([\w-]+)'[^}]*lookback: '(\w+)'/g)];
  const lookbacks = new Map(rules.map(([, name = '', lookback = '']) => [`alerts/${name}.kql`, lookback]));
  const called = found(/\bkql infra\/((?:alerts|queries)\/[\w-]+\.kql)(?: (P\w+))?`/g);
  expect(called.length).toBeGreaterThan(6);
  for (const [path = '', timespan] of called) {
    expect(timespan === undefined, path).toBe(path.startsWith('queries/'));
    if (/where .*>= \d/.test(infraFile(path))) expect(timespan, path).toBe(lookbacks.get(path));
  }
  const [[standard = '0'] = []] = found(/kql\(\) .* -t "\$\{2:-P(\d+)D\}"/g);
  const days = found(/\binfra\/(queries\/[\w-]+\.kql)/g).flatMap(([path = '']) =>
    [...infraFile(path).matchAll(/ago\((\d+)d\)/g)].map(([, count]) => Number(count)),
  );
  expect(Math.max(...days)).toBeLessThanOrEqual(Number(standard));
});
