import { expect, it } from 'vitest';
import { outputsOf, parametersOf } from './bicep/document.ts';
import { infraFile, literalOf, parseBicep } from './bicep/syntax.ts';

const documents = ['../README.md', 'RUNBOOK.md'].map(infraFile).join('\n').replaceAll('\\\n', ' ');
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
  expect(infraFile('modules/storage.bicep')).toContain(`name: '${standard('deadLetterContainer')}'`);
});
