import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Compiler } from '../bicep/compile.ts';
import { INFRA } from '../bicep/syntax.ts';

const resource = z.looseObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  properties: z.looseObject({}).default({}),
});
const snapshot = z.object({ predictedResources: z.array(resource), diagnostics: z.array(z.unknown()) });

/** A resource that a deployment would make. A value that only Azure knows is an expression in brackets. */
export type Resource = z.infer<typeof resource>;

/** Parameters of main.bicep that the expectations depend on. */
export interface Parameters {
  readonly namePrefix: string;
  readonly requestQueues: readonly string[];
  readonly replyQueues: readonly string[];
  readonly eventTopic: string;
  readonly eventGrid: boolean;
  readonly allowedCallers: readonly string[];
  readonly privateNetworking: boolean;
  readonly confluentSubscriptionId: string;
  readonly confluentResourceGroup: string;
}

export interface Deployment {
  readonly parameters: Parameters;
  readonly resources: readonly Resource[];
}

const STANDARD: Parameters = {
  namePrefix: 'ckvend',
  requestQueues: ['vend-requests'],
  replyQueues: [],
  eventTopic: '',
  eventGrid: false,
  allowedCallers: [],
  privateNetworking: false,
  confluentSubscriptionId: '22222222-2222-4222-8222-222222222222',
  confluentResourceGroup: 'key-vending',
};

const REQUIRED = {
  policy: '{ "rules": [] }',
  entraAudience: 'api://confluent-api-key-vending',
  confluentOrganization: 'organization',
  alertEmails: ['operators@example.com'],
  runbookUrl: 'https://example.com/RUNBOOK.md',
};

export interface Fault {
  readonly path: string;
  readonly passage: string;
  readonly by: string;
}

/** infra/ in a folder of its own, with a fault if one is given. */
export function copyOfInfra(fault?: Fault): string {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'));
  cpSync(INFRA, folder, { recursive: true });
  if (fault === undefined) return folder;
  const path = join(folder, fault.path);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(fault.passage)) throw new Error(`${fault.path} has no ${fault.passage}`);
  writeFileSync(path, text.replace(fault.passage, fault.by));
  return folder;
}

/** The resources that infra/ makes of some parameters, with a fault if one is given. */
export async function predict(compiler: Compiler, given: Partial<Parameters>, fault?: Fault): Promise<Deployment> {
  const folder = copyOfInfra(fault);
  try {
    const parameters: Parameters = { ...STANDARD, ...given };
    const lines = Object.entries({ ...REQUIRED, ...given }).map(
      ([name, value]) => `param ${name} = ${literal(value)}\n`,
    );
    const file = join(folder, 'tried.bicepparam');
    writeFileSync(file, `using 'main.bicep'\n${lines.join('')}`);
    const { predictedResources, diagnostics } = snapshot.parse(JSON.parse(await compiler.snapshot(file)));
    if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return { parameters, resources: predictedResources };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/[\\']|\$(?=\{)/g, '\\$&')}'`;
  return Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : JSON.stringify(value);
}

export const ofType = ({ resources }: Deployment, type: string): Resource[] =>
  resources.filter((one) => one.type === type);

/** One line for each thing that is there and not expected, or the other way round. */
export const differences = (made: readonly string[], expected: readonly string[]): string[] => [
  ...made.filter((one) => !expected.includes(one)).map((one) => `nobody needs ${one}`),
  ...expected.filter((one) => !made.includes(one)).map((one) => `there is no ${one}`),
];

/** The value at a path such as `networkAcls.defaultAction` of a resource's properties. */
export function valueAt({ properties }: Resource, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => z.looseObject({}).safeParse(value).data?.[key], properties);
}
