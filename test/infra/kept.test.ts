import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { argumentsOf, modulesOf, parametersOf, resourcesOf } from './bicep/document.ts';
import { readPublishedTypes } from './bicep/published-types.ts';
import { bicepFiles, infraFile, parseBicep, propertiesOf } from './bicep/syntax.ts';
import { valuesOf } from './bicep/values.ts';
import { DEFAULTS } from './kept/defaults.ts';
import { ELSEWHERE } from './kept/elsewhere.ts';
import { MESSAGING } from './kept/messaging.ts';
import { MONITORING } from './kept/monitoring.ts';
import { NETWORK } from './kept/network.ts';
import { SERVICES } from './kept/services.ts';
import { columnTypesOf } from './kusto.ts';

/*
 * These read the text of infra/, so they run on a machine without a compiler. snapshot.test.ts reads what would be deployed.
 */

const valuesIn = async (file: string) => valuesOf(await parseBicep(infraFile(file)));
const namesIn = (values: ReadonlyMap<string, string>, list: string): string[] =>
  [...values.keys()].flatMap((path) => new RegExp(`^${list}\\[(.*)\\]\\.name$`).exec(path)?.[1] ?? []);
const linesOf = (text: string): string[] => text.trim().split(/\n\s*/);

const KEPT = [...DEFAULTS, ...MESSAGING, ...SERVICES, ...NETWORK, ...MONITORING];

describe.each(KEPT)('$file', ({ file, so, values }) => {
  it(so, async () => {
    const found = await valuesIn(file);
    const given = linesOf(values).map((line) => {
      const [path = ''] = line.split(' = ', 1);
      return `${path} = ${found.get(path)}`;
    });
    expect(given).toEqual(linesOf(values));
  });
});

const reasonFor = (value: string): string | undefined => ELSEWHERE.find(([values]) => values.test(value))?.[1];

it('every value of infra/ has its reason: a new one needs one too', async () => {
  const kept = new Set(KEPT.flatMap(({ file, values }) => linesOf(values).map((line) => `${file}: ${line}`)));
  const others: string[] = [];
  for (const { path } of bicepFiles())
    for (const [name, value] of await valuesIn(path)) others.push(`${path}: ${name} = ${value}`);
  const left = others.filter((value) => !kept.has(value));
  expect(left.filter((value) => reasonFor(value) === undefined)).toEqual([]);
  expect(new Set(left.map(reasonFor))).toEqual(new Set(ELSEWHERE.map(([, because]) => because)));
});

/** Severity, how often it looks, over which window, how far its query looks back, and what each gets an alert of its own for. */
const ALERTS: readonly (readonly [name: string, ...of: string[]])[] = [
  ['outcome-unknown', '1', 'PT15M', 'P1D', 'P2D', 'credentialId'],
  ['undecided-key', '1', 'PT15M', 'P1D', 'P2D', 'credentialId'],
  ['rotation-failed', '1', 'PT15M', 'P1D', 'P2D', 'credentialId'],
  ['open-credentials', '2', 'PT15M', 'PT3H', 'PT3H', 'reason'],
  ['row-unreadable', '1', 'PT15M', 'PT2H', 'PT2H', 'credentialId'],
  ['defect', '1', 'PT5M', 'PT15M', 'PT15M', ''],
  ['no-successful-vend', '1', 'PT15M', 'PT1H', 'PT1H', ''],
  ['reconciler-silent', '1', 'PT5M', 'PT15M', 'PT15M', ''],
  ['reviews-late', '1', 'PT5M', 'PT15M', 'PT15M', ''],
  ['failure-ratio', '2', 'PT15M', 'PT1H', 'PT1H', ''],
  ['quota-exhausted', '2', 'PT15M', 'PT1H', 'PT1H', ''],
  ['dependency-failing', '2', 'PT5M', 'PT15M', 'PT15M', ''],
];

it('an alert asks its own query, as often and as far back as that was written for', async () => {
  const values = await valuesIn('modules/alerts.bicep');
  const names = namesIn(values, 'rules');
  const of = (name: string, field: string): string => values.get(`rules[${name}].${field}`)?.replaceAll("'", '') ?? '';
  const fields = ['severity', 'frequency', 'window', 'lookback', 'dimension'];
  expect(names.map((name) => [name, ...fields.map((field) => of(name, field))])).toEqual(ALERTS);
  for (const name of names) expect(values.get(`rules[${name}].query`)).toBe(`loadTextContent('../alerts/${name}.kql')`);
});

it('what an alert is split by is a text that its query finds', () => {
  const split = ALERTS.filter((alert) => alert[5] !== '');
  for (const [name, , , , , dimension = ''] of split)
    expect(columnTypesOf(infraFile(`alerts/${name}.kql`)).get(dimension), name).toBe('string');
  expect(infraFile('README.md')).toContain('each further time series');
});

it('an alert that looks back further than its window has no TimeGenerated, by which Azure would sort its rows into the window', () => {
  const further = ALERTS.filter(([, , , window, lookback]) => window !== lookback);
  expect(further).toHaveLength(3);
  for (const [name] of further)
    expect([...columnTypesOf(infraFile(`alerts/${name}.kql`)).keys()], name).not.toContain('TimeGenerated');
});

it('the page on cost counts the alerts as they are', () => {
  const counts = ['PT5M', 'PT15M'].map((often) => ALERTS.filter(([, , frequency]) => frequency === often).length);
  expect(counts).toEqual([4, 8]);
  expect(infraFile('README.md')).toContain('four rules each 5 minutes at $1.50, eight each 15 at $0.50');
});

const PANELS: readonly (readonly [name: string, picture: string])[] = [
  ['outcomes', 'barchart'],
  ['failures', 'table'],
  ['durations', 'linechart'],
  ['open', 'table'],
  ['keys', 'categoricalbar'],
  ['expiring', 'table'],
  ['limits', 'table'],
];

it('a panel of the workbook, and a saved query, asks the query of its name', async () => {
  const book = await valuesIn('modules/workbook.bicep');
  const queryOf = (name: string): string => `loadTextContent('../queries/${name}.kql')`;
  expect(namesIn(book, 'panels')).toEqual(PANELS.map(([name]) => name));
  for (const [name, picture] of PANELS) {
    expect(book.get(`panels[${name}].picture`)).toBe(`'${picture}'`);
    expect(book.get(`panels[${name}].query`)).toBe(queryOf(name));
  }
  const saved = await valuesIn('modules/observability.bicep');
  const names = namesIn(saved, 'queries');
  expect(names.map((name) => saved.get(`queries[${name}].text`))).toEqual(names.map(queryOf));
});

it('every module is deployed', async () => {
  const used = new Set<string>();
  for (const { path, text } of bicepFiles())
    for (const { type } of modulesOf(await parseBicep(text))) used.add(join(dirname(path), type));
  expect([...used, 'main.bicep'].sort()).toEqual(bicepFiles().map(({ path }) => path));
});

const textsOf = (properties: ReturnType<typeof propertiesOf>): ReadonlyMap<string, string> =>
  new Map(properties.map(({ name, value }) => [name, value.text]));

it('every resource has the tags and the region of the deployment, or those of its parent', async () => {
  const published = readPublishedTypes();
  for (const { path, text } of bicepFiles())
    for (const { type, body, existing, name } of resourcesOf(await parseBicep(text))) {
      if (existing || body === undefined || type.split('/').length > 2) continue;
      const taken = published.get(type.toLowerCase())?.types.body?.properties ?? {};
      const given = textsOf(propertiesOf(body));
      if ('tags' in taken) expect(given.get('tags'), `${path}: ${name}`).toBe('tags');
      if ('location' in taken) expect(["'global'", 'location'], `${path}: ${name}`).toContain(given.get('location'));
    }
});

it('every module that takes tags is given those of the deployment', async () => {
  for (const { path, text } of bicepFiles())
    for (const module of modulesOf(await parseBicep(text))) {
      const target = await parseBicep(infraFile(join(dirname(path), module.type)));
      const takes = parametersOf(target).some(({ name }) => name === 'tags');
      if (takes) expect(textsOf(argumentsOf(module)).get('tags'), `${path}: ${module.name}`).toBe('tags');
    }
});

const ROLE = /, ([\w.]+)\)$/;

it('every role goes to a service principal, under a name of its own that a second deployment finds again', async () => {
  for (const { path } of bicepFiles()) {
    const values = await valuesIn(path);
    for (const [key, value] of [...values].filter(([key]) => key.endsWith('.properties.roleDefinitionId'))) {
      const [name = ''] = key.split('.');
      const of = (property: string): string | undefined => values.get(`${name}.${property}`);
      // Without the kind, Azure looks for a new identity that it does not show yet.
      expect(of('properties.principalType'), `${path}: ${name}`).toBe("'ServicePrincipal'");
      const holder =
        path === 'modules/event-roles.bicep' ? ['topicId', 'topicPrincipalId'] : ['identityId', 'principalId'];
      expect(of('properties.principalId'), `${path}: ${name}`).toBe(holder[1]);
      expect(of('name')).toBe(`guid(${of('scope')}.id, ${holder[0]}, ${ROLE.exec(value)?.[1]})`);
    }
  }
});
