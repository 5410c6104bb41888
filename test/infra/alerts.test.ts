import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { triggerName } from '../../src/contradictions.ts';
import { contextLog, portsFor } from '../../src/functions/context-log.ts';
import { type AuditRecord, auditRecordSchema } from '../../src/vending/model/audit.ts';
import { PROBLEMS } from '../../src/vending/model/problems.ts';
import { noneOpen } from '../../src/vending/reconcile/open-intents.ts';
import type { SagaEffects } from '../../src/vending/saga/ports.ts';
import { infraFile } from './bicep/syntax.ts';
import { diagnose } from './kusto.ts';

const root = `${import.meta.dirname}/../..`;
const kqlIn = (folder: string): string[] => readdirSync(`${root}/infra/${folder}`).map((name) => `${folder}/${name}`);
const queries = [...kqlIn('alerts'), ...kqlIn('queries')];
const alerts = infraFile('modules/alerts.bicep');
const alertNames = [...alerts.matchAll(/^ {4}name: '([a-z-]+)'$/gm)].map(([, name = '']) => name);
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

const sources = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('sandbox'))
  .map((path) => readFileSync(`${root}/src/${path}`, 'utf8'))
  .join('\n');
const kinds = new Set(matches(sources, /kind: (['a-z| -]+)/g).flatMap((text) => matches(text, /'([a-z-]+)'/g)));
const literalEvents = new Set([
  ...matches(sources, /\bevent: '([a-z-]+)'/g),
  ...matches(sources, /\binsist\(\w+, '([a-z-]+)'/g),
]);
const eventPrefixes = matches(sources, /\bevent: `([a-z-]+)\$\{\w+\.kind\}`/g);
const isEvent = (name: string): boolean =>
  literalEvents.has(name) ||
  eventPrefixes.some((prefix) => name === prefix || (name.startsWith(prefix) && kinds.has(name.slice(prefix.length))));

/** The literals that a field is compared with. */
function comparedWith(query: string, field: string): string[] {
  const name = `(?:tostring\\((?:record|audit)\\.(?:audit\\.)?${field}\\)|\\b${field})`;
  const pattern = new RegExp(`${name} (?:==|!=|startswith|!?in)\\s*(\\([^)]*\\)|'[^']*')`, 'g');
  return matches(query, pattern).flatMap((text) => matches(text, /'([^']*)'/g));
}

it.each(queries)('%s compiles against the columns of the workspace', (path) => {
  expect(diagnose(infraFile(path))).toEqual([]);
});

it('queries within the runbook compile too', () => {
  const inline = matches(infraFile('RUNBOOK.md'), /`((?:App(?:Traces|Requests)|search in) [^`]+)`/g);
  expect(inline.length).toBeGreaterThan(2);
  expect(inline.flatMap(diagnose)).toEqual([]);
});

it.each(['../README.md', 'RUNBOOK.md', 'SECURITY.md'])('%s names only files of infra/ that are there', (path) => {
  const named = matches(infraFile(path), /\binfra\/([a-z/.-]+\.(?:kql|md|bicep|bicepparam|jsonc?))\b/g);
  expect(named.filter((name) => !name.startsWith('my.') && !existsSync(`${root}/infra/${name}`))).toEqual([]);
});

it('the compiler finds what is wrong with a query', () => {
  expect(diagnose('AppTraces | where Mesage has "x"')).toEqual([expect.stringContaining('Mesage')]);
  expect(diagnose('AppTraces | summarize latest = max(')).not.toEqual([]);
});

it('events are found in the source', () => {
  expect(literalEvents.size).toBeGreaterThan(8);
  expect(eventPrefixes).toEqual(expect.arrayContaining(['unstored-key-', 'mint-', 'store-']));
  expect(['defect', 'copy-not-sent', 'unstored-key-forbidden', 'mint-minted'].filter((name) => !isEvent(name))).toEqual(
    [],
  );
  expect(['unstored-key-found-nowhere', 'defects'].filter(isEvent)).toEqual([]);
});

it.each(queries)('%s names only events, states and problems that the function writes', (path) => {
  const query = infraFile(path);
  expect(comparedWith(query, 'event').filter((name) => !isEvent(name))).toEqual([]);
  expect(comparedWith(query, 'problem').filter((name) => !(name in PROBLEMS))).toEqual([]);
  const states: readonly string[] = auditRecordSchema.shape.state.options;
  expect(comparedWith(query, 'state').filter((name) => !states.includes(name))).toEqual([]);
});

/** What is told of a request by its audit record too, which alerts read instead. */
const AUDITED = ['outcome-unknown'];

it('every event of level error is read by an alert', () => {
  const read = kqlIn('alerts').flatMap((path) => comparedWith(infraFile(path), 'event'));
  const errors = [
    ...matches(sources, /level: 'error',\s+event: '([a-z-]+)'/g),
    ...matches(sources, /\binsist\(\w+, '([a-z-]+)'/g),
  ];
  expect(errors).toEqual(expect.arrayContaining(['defect', 'copy-not-sent', 'revocation-refused']));
  expect(errors.filter((event) => !read.includes(event) && !AUDITED.includes(event))).toEqual([]);
});

it('every state in which a key may be left undecided is read by an alert', () => {
  const read = ['lifecycle-failed', 'orphaned-key'].flatMap((name) =>
    comparedWith(infraFile(`alerts/${name}.kql`), 'state'),
  );
  expect(Object.keys(noneOpen()).filter((state) => !read.includes(state))).toEqual([]);
});

it('counts of the ledger are asked for by names that they have', () => {
  const counts = queries.map(infraFile).flatMap((query) => matches(query, /\brecord\.counts\.(\w+)/g));
  expect(new Set(counts)).toEqual(new Set(['unknown', 'compensating']));
  expect(counts.filter((name) => name !== 'unknown' && !(name in noneOpen()))).toEqual([]);
});

it('every event that an alert counts has a row in the runbook', () => {
  const [, rows = ''] = /\| event \| first suspect \|\n([\s\S]+?)\n\n/.exec(infraFile('RUNBOOK.md')) ?? [];
  const counted = comparedWith(infraFile('alerts/dependency-failing.kql'), 'event');
  expect(counted.filter((event) => !rows.includes(`\`${event}\``))).toEqual([]);
});

it('comparisons are found in the queries', () => {
  const every = queries.map(infraFile).join('\n');
  expect(comparedWith(every, 'event')).toEqual(
    expect.arrayContaining(['defect', 'message-abandoned', 'copy-not-sent']),
  );
  expect(comparedWith(every, 'state')).toEqual(expect.arrayContaining(['unknown', 'vended', 'compensating']));
  expect(comparedWith(every, 'problem')).toContain('quota-exhausted');
});

it.each(queries)('%s reads only fields that records have', (path) => {
  const query = infraFile(path);
  const audit = JSON.stringify(z.toJSONSchema(auditRecordSchema));
  const log = readFileSync(`${root}/src/vending/log.ts`, 'utf8');
  const ofAudit = matches(query, /\baudit\.(\w+(?:\.\w+)?)/g).flatMap((field) => field.split('.'));
  expect(ofAudit.filter((field) => !audit.includes(`"${field}":`))).toEqual([]);
  const ofLog = matches(query, /\brecord\.(\w+)/g).filter((field) => field !== 'audit');
  expect(ofLog.filter((field) => !new RegExp(`readonly ${field}\\??:`).test(log))).toEqual([]);
});

it.each(queries)('%s asks for functions that exist', (path) => {
  const index = readFileSync(`${root}/src/index.ts`, 'utf8');
  const named = comparedWith(infraFile(path), 'OperationName').filter((name) => name !== triggerName(''));
  expect(named.filter((name) => !index.includes(`'${name}'`))).toEqual([]);
});

it.each(['alerts/failure-ratio.kql', 'alerts/no-successful-vend.kql'])('%s counts a request over HTTP once', (path) => {
  const ofTheHost = /AppRequests\n\| where OperationName == '([\w-]+)'/.exec(infraFile(path))?.[1];
  const [, operations = ''] =
    /where (OperationName in .*)\n\| where tostring\(record\.event\) == 'request-failed'/.exec(infraFile(path)) ?? [];
  expect(ofTheHost).toBe('vend-key');
  expect(comparedWith(operations, 'OperationName')).toEqual(['rotate-key', 'retries', 'events', triggerName('')]);
});

it('what is written is a message that the queries take apart', () => {
  const messages: string[] = [];
  const write = (message: unknown): void => void messages.push(String(message));
  const context = { info: write, warn: write, error: write } as unknown as InvocationContext;
  contextLog(context)({ level: 'error', event: 'defect', stack: 'at f' });
  portsFor({} as SagaEffects, context, 'worker').audit({ state: 'unknown' } as AuditRecord);
  expect(messages.map((message) => JSON.parse(message))).toEqual([
    { event: 'defect', stack: 'at f' },
    { audit: { state: 'unknown' } },
  ]);
  for (const query of queries.map(infraFile).filter((text) => text.includes('AppTraces'))) {
    const [, start = 'none'] = /Message startswith '([^']+)'/.exec(query) ?? [];
    expect(messages.filter((message) => !message.startsWith(start))).toEqual([]);
  }
});

it('every alert has its query, and every query its alert or its saved search', () => {
  const used = [alerts, infraFile('modules/observability.bicep')].join('\n');
  expect(new Set(matches(used, /loadTextContent\('\.\.\/([^']+)'\)/g))).toEqual(new Set(queries));
  expect(alertNames.length).toBeGreaterThan(8);
  for (const name of matches(alerts, /alerts\/([a-z-]+)\.kql/g)) expect(alertNames).toContain(name);
});

it('every alert has an entry in the runbook, and every entry an alert', () => {
  const entries = matches(infraFile('RUNBOOK.md'), /^### ([a-z-]+)$/gm);
  expect(entries).toHaveLength(alertNames.length);
  expect(new Set(entries)).toEqual(new Set(alertNames));
  expect(matches(alerts, /(\$\{runbookUrl\}#\$\{rule\.name\})/g)).toHaveLength(4);
});
