import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Compiler, startCompiler } from './bicep/compile.ts';
import { findCompiler } from './bicep/compiler.ts';
import { infraFile } from './bicep/syntax.ts';
import { exposureFaults } from './snapshot/exposure.ts';
import { nameFaults } from './snapshot/names.ts';
import { PLANTED } from './snapshot/planted.ts';
import { type Deployment, ofType, predict } from './snapshot/predict.ts';
import { queueFaults } from './snapshot/queues.ts';
import { roleFaults } from './snapshot/roles.ts';
import { settingsFaults } from './snapshot/settings.ts';
import { VARIANTS } from './snapshot/variants.ts';

const panel = z.object({ query: z.string().optional(), crossComponentResources: z.array(z.string()).optional() });
const criteria = z.object({ allOf: z.array(z.object({ dimensions: z.array(z.unknown()) })) });
const workbook = z.object({ items: z.array(z.object({ type: z.number(), content: panel })) });

const faultsOf = (deployment: Deployment): string[] =>
  [roleFaults, queueFaults, settingsFaults, exposureFaults, nameFaults].flatMap((faults) => faults(deployment));

const path = findCompiler();
const title =
  path === undefined ? 'not run, no Bicep compiler here: npm run bicep says how to get one' : 'infra/ deploys';

// The compiler's first answers take seconds, and many where other tests run beside it.
describe.skipIf(path === undefined)(title, { timeout: 120_000 }, () => {
  let compiler: Compiler;
  beforeAll(async () => {
    compiler = startCompiler(path ?? '');
    await compiler.version();
  }, 120_000);
  afterAll(() => compiler.close());

  it.each(Object.entries(VARIANTS))('%s without a fault', async (_variant, given) => {
    expect(faultsOf(await predict(compiler, given))).toEqual([]);
  });

  it('the longest prefix within all limits of names', async () => {
    expect(nameFaults(await predict(compiler, { namePrefix: 'abcdefghij', eventGrid: true }))).toEqual([]);
  });

  it('Event Grid only where it is asked for', async () => {
    const types = async (eventGrid: boolean) => {
      const deployment = await predict(compiler, { eventGrid });
      return ['systemTopics', 'systemTopics/eventSubscriptions'].map(
        (type) => ofType(deployment, `Microsoft.EventGrid/${type}`).length,
      );
    };
    expect(await types(false)).toEqual([0, 0]);
    expect(await types(true)).toEqual([1, 1]);
  });

  it('an alert of its own for each credential, or each reason, where the alert is about those', async () => {
    const rules = ofType(await predict(compiler, {}), 'Microsoft.Insights/scheduledQueryRules');
    const split = rules.map(({ name, properties }) => [name, criteria.parse(properties.criteria).allOf[0]?.dimensions]);
    const by = (name: string) => [{ name, operator: 'Include', values: ['*'] }];
    expect(split.filter(([, dimensions]) => dimensions?.length !== 0)).toEqual([
      ...['outcome-unknown', 'undecided-key', 'rotation-failed'].map((name) => [`ckvend-${name}`, by('credentialId')]),
      ['ckvend-open-credentials', by('reason')],
      ['ckvend-row-unreadable', by('credentialId')],
    ]);
  });

  it('a workbook whose panels ask the workspace by the queries of infra/', async () => {
    const deployment = await predict(compiler, {});
    const [workspace] = ofType(deployment, 'Microsoft.OperationalInsights/workspaces');
    const [book] = ofType(deployment, 'Microsoft.Insights/workbooks');
    const { items } = workbook.parse(JSON.parse(String(book?.properties.serializedData)));
    const panels = items.filter(({ type }) => type === 3);
    const asked = ['outcomes', 'failures', 'durations', 'open', 'keys', 'expiring', 'limits'];
    expect(panels.map(({ content }) => content.query)).toEqual(asked.map((name) => infraFile(`queries/${name}.kql`)));
    for (const { content } of panels) expect(content.crossComponentResources).toEqual([workspace?.id]);
  });

  it.each(PLANTED)('$fault is found', async ({ fault: _, given = {}, complaint, ...fault }) => {
    const faults = faultsOf(await predict(compiler, given, fault));
    expect(faults).toContainEqual(expect.stringContaining(complaint));
  });
});
