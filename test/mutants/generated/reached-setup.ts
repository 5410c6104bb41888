import { afterEach } from 'vitest';
import { REACHED } from './protocol.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The probes that the file's tests reached. */
    reached?: readonly string[];
  }
}

afterEach(({ task }) => {
  const reached: unknown = Reflect.get(globalThis, REACHED);
  if (reached instanceof Set) task.file.meta.reached = [...reached].map(String);
});
