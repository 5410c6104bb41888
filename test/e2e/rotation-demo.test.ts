import { expect, it } from 'vitest';
import { stageOf, startSandbox } from '../../src/sandbox/sandbox.ts';
import { runRotationDemo } from '../../src/sandbox/scenarios/rotation.ts';

it('npm run demo:rotation shows a key that is rotated under one id, with no moment without a key that works', async () => {
  const settings = { RECONCILE_SCHEDULE: '* * * * * *' };
  const sandbox = await startSandbox({ port: 0, controlPort: 0, withFunction: true, settings });
  try {
    await expect(runRotationDemo(stageOf(sandbox))).resolves.toBeUndefined();
  } finally {
    await sandbox.close();
  }
}, 120_000);
