import { expect, it } from 'vitest';
import { stageOf, startSandbox } from '../../src/sandbox/sandbox.ts';
import { runLeakDemo } from '../../src/sandbox/scenarios/leak.ts';

it('npm run demo:leak shows forty keys of three teams, of which those of one cluster are ended by one act', async () => {
  const settings = { RECONCILE_SCHEDULE: '* * * * * *' };
  const sandbox = await startSandbox({ port: 0, controlPort: 0, withFunction: true, settings });
  try {
    await expect(runLeakDemo(stageOf(sandbox))).resolves.toBeUndefined();
  } finally {
    await sandbox.close();
  }
}, 120_000);
