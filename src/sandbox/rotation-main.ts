/** `npm run demo:rotation` */

import { stageOf, startSandbox } from './sandbox.ts';
import { runRotationDemo } from './scenarios/rotation.ts';

console.log('Starting emulated Azure and the function …');
const settings = { RECONCILE_SCHEDULE: '* * * * * *' };
const sandbox = await startSandbox({ port: 0, controlPort: 0, withFunction: true, settings });
try {
  await runRotationDemo(stageOf(sandbox));
  console.log(
    '\nThe key was rotated under one id, and every reader of the reference always had a key that works, until DELETE.',
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await sandbox.close();
}
