import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of commands for the front of a PATH. */
export interface StandIns {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Each call since `forget`: the command and its arguments, where a line break is a space. */
  calls(): string[][];
  forget(): void;
  close(): void;
}

/** @param answers bash for each command: what it does after its call was noted. */
export function createStandIns(answers: Readonly<Record<string, string>>): StandIns {
  const home = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const folder = join(home, 'bin');
  const noted = join(home, 'calls');
  mkdirSync(folder);
  writeFileSync(noted, '');
  for (const [name, answer] of Object.entries(answers)) {
    const note = `{ printf ${name}; printf '\\t%s' "\${@//$'\\n'/ }"; echo; } >> "$CALLS"`;
    writeFileSync(join(folder, name), `#!/bin/bash\n${note}\n${answer}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return {
    folder,
    env: { CALLS: noted },
    calls: () =>
      readFileSync(noted, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t')),
    forget: () => writeFileSync(noted, ''),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
