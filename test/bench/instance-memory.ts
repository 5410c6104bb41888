import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of Flex Consumption's standard instance. https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan */
export const INSTANCE_MB = 2_048;

const ROOT = '/sys/fs/cgroup';
const GROUP = 'confluent-api-key-vending-bench';

/** The two versions of control groups: where the memory of one is limited. */
const HIERARCHIES = [
  { root: join(ROOT, 'memory'), limit: 'memory.limit_in_bytes' },
  { root: ROOT, limit: 'memory.max' },
] as const;

let unavailable = false;

/**
 * What is started meanwhile has an instance's memory and not the machine's, by which V8 would choose how much garbage to
 * let lie. It works on Linux for root. Elsewhere the machine's memory counts, and a line says so.
 */
export async function onAnInstance<T>(start: () => Promise<T>): Promise<T> {
  const hierarchy = HIERARCHIES.find(({ root }) => existsSync(join(root, 'cgroup.procs')));
  if (hierarchy === undefined || unavailable) return start();
  const { root, limit } = hierarchy;
  const enter = (group: string): Promise<void> => writeFile(join(root, group, 'cgroup.procs'), String(process.pid));
  try {
    await mkdir(join(root, GROUP), { recursive: true });
    await writeFile(join(root, GROUP, limit), String(INSTANCE_MB * 1024 * 1024));
    await enter(GROUP);
  } catch {
    unavailable = true;
    console.error('Memory is the machine’s, not an instance’s: control groups cannot be changed here.');
    return start();
  }
  try {
    return await start();
  } finally {
    await enter('.');
  }
}
