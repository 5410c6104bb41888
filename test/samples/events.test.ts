import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { purposeOf } from '../../src/vending/events/incoming.ts';
import { type Compiler, startCompiler } from '../infra/bicep/compile.ts';
import { findCompiler } from '../infra/bicep/compiler.ts';

const FOLDER = join(import.meta.dirname, 'event-grid');

let compiler: Compiler | undefined;
beforeAll(async () => {
  const path = findCompiler();
  if (path === undefined) return;
  compiler = startCompiler(path);
  // It takes its time to start.
  await compiler.version();
});
afterAll(() => compiler?.close());

it('the subscription of Event Grid compiles without a warning', async ({ skip }) => {
  if (compiler === undefined) return skip('no Bicep compiler found: npm run bicep brings one');
  expect(await compiler.check(FOLDER)).toEqual([]);
});

it('the subscription delivers what the function acts on, each kind once', () => {
  const text = readFileSync(join(FOLDER, 'requests.bicep'), 'utf8');
  const [, listed = ''] = /includedEventTypes: \[(.*?)\]/s.exec(text) ?? [];
  const purposes = [...listed.matchAll(/'(.+)'/g)].map(([, type = '']) => purposeOf(type));
  expect(purposes).toEqual(
    ['vend', 'rotate', 'end-overlap', 'revoke'].map((operation) => ({ kind: 'command', operation })),
  );
});
