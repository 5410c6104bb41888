import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { infraFile } from '../bicep/syntax.ts';
import { createDeployment, stepOf } from '../deploy-script.ts';
import { createStandIns } from '../stand-ins.ts';

// The CLI builds its index of commands first.
vi.setConfig({ testTimeout: 600_000 });

/** In 2.60, which `deploy.sh` asks for, and not in 2.45, which Debian 12 has. */
const NEWER = ['az bicep build-params', 'az functionapp list-flexconsumption-runtimes'];

/** Of the extension `log-analytics`, which the CLI installs when it is asked for it. */
const EXTENSIONS = ['az monitor log-analytics query'];

type Call = readonly string[];

/** Bash runs the examples of a document with nothing but stand-ins on its PATH, and so expands them as a reader's would. */
function callsIn(document: string): Call[] {
  const standIns = createStandIns({ az: 'echo value', npm: '', curl: '', cp: '', timeout: 'shift; "$@"' });
  const blocks = [...infraFile(document).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  spawnSync('/bin/bash', ['-c', blocks.join('\n')], {
    env: { PATH: standIns.folder, ...standIns.env },
    cwd: standIns.folder,
  });
  const calls = standIns.calls();
  standIns.close();
  return calls.filter(([name]) => name === 'az');
}

function callsOfDeployment(): Call[] {
  const deployment = createDeployment();
  for (const args of [[], ['--what-if']]) {
    deployment.reset();
    deployment.run([...args, 'key-vending', 'westeurope']);
  }
  const calls = deployment.calls();
  deployment.close();
  return calls.filter(([name]) => name === 'az');
}

/** The Python that the CLI on this machine runs in; undefined where there is no CLI. */
function pythonOfCli(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      return /\/\S*python[\d.]*/.exec(readFileSync(join(folder, 'az'), 'utf8'))?.[0];
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The command that the CLI takes each for; null where its parser refuses, false where the CLI is broken. */
function parsed(
  python: string,
  calls: readonly Call[],
): { version: string; verdicts: (string | null | false)[]; stderr: string } {
  const config = mkdtempSync(join(tmpdir(), 'az-'));
  const { stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'parse.py')], {
    input: calls.map(([, ...args]) => `${JSON.stringify(args)}\n`).join(''),
    encoding: 'utf8',
    env: { AZURE_CONFIG_DIR: config, AZURE_CORE_COLLECT_TELEMETRY: 'false' },
  });
  rmSync(config, { recursive: true, force: true });
  const [version = '', ...verdicts] = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { version, verdicts, stderr };
}

const DOCUMENTS = ['../README.md', 'README.md', 'RUNBOOK.md'];
const python = pythonOfCli();

it('finds the commands in scripts and documents', () => {
  const steps = new Set(callsIn('README.md').map(stepOf));
  expect(steps).toContain('az functionapp deployment source config-zip');
  expect(steps.size).toBeGreaterThan(15);
});

it.skipIf(python === undefined)(
  'the Azure CLI itself understands every command of deploy.sh and of the documents',
  () => {
    const calls = [...callsOfDeployment(), ...DOCUMENTS.flatMap(callsIn)];
    const wrong = [
      ['az', 'group', 'show', '--nam'],
      ['az', 'group', 'list', '--query', '['],
    ];
    const { version, verdicts, stderr } = parsed(python ?? '', [...calls, ...wrong]);
    expect(verdicts.length, stderr).toBe(calls.length + wrong.length);
    const refused = [...calls, ...wrong].filter((_, index) => verdicts[index] === null);
    const old = version.localeCompare('2.60.0', 'en', { numeric: true }) < 0;
    const excused = old ? [...EXTENSIONS, ...NEWER] : EXTENSIONS;
    expect(refused.filter((call) => !excused.includes(stepOf(call)))).toEqual(wrong);
    if (old) expect(refused.map(stepOf)).toEqual(expect.arrayContaining(NEWER));
  },
);
