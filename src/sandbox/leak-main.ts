/** `npm run demo:leak` */

import { stageOf, startSandbox } from './sandbox.ts';
import { runLeakDemo } from './scenarios/leak.ts';

console.log('Starting emulated Azure and the function …');
const settings = { RECONCILE_SCHEDULE: '* * * * * *' };
const sandbox = await startSandbox({ port: 0, controlPort: 0, withFunction: true, settings });
try {
  await runLeakDemo(stageOf(sandbox));
  console.log('\nThe leaked keys are gone, and the keys of the other cluster live.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await sandbox.close();
}
