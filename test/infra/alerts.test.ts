import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { triggerName } from '../../src/cross-field-errors.ts';
import { contextFor, contextLog } from '../../src/functions/context.ts';
import { HEALTH_ROUTES, ROUTES } from '../../src/functions/routes.ts';
import { OPEN_REASONS } from '../../src/vending/commands/open.ts';
import { type AuditRecord, auditRecordSchema } from '../../src/vending/model/audit.ts';
import { PROBLEMS } from '../../src/vending/model/problems.ts';
import { TRANSITION_NAMES } from '../../src/vending/model/transitions.ts';
import type { Effects } from '../../src/vending/saga/context.ts';
import { infraFile } from './bicep/syntax.ts';
import { columnsOf, comparedWith, diagnose } from './kusto.ts';

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
const sentWithRetry = matches(sources, /\bsendWithRetry\(\w+, '([a-z-]+)'/g);
const events = new Set([...matches(sources, /\bevent: '([a-z-]+)'/g), ...sentWithRetry]);

it.each(queries)('%s compiles against the columns of the workspace', (path) => {
  expect(diagnose(infraFile(path))).toEqual([]);
});

it('queries within the runbook compile too', () => {
  const inline = matches(infraFile('RUNBOOK.md'), /`((?:App(?:Traces|Requests)|search in) [^`]+)`/g);
  expect(inline.length).toBeGreaterThan(2);
  expect(inline.flatMap(diagnose)).toEqual([]);
});

it.each(['../README.md', 'README.md', 'RUNBOOK.md', 'SECURITY.md'])(
  '%s names only files of infra/ that are there',
  (path) => {
    const named = matches(infraFile(path), /\binfra\/([a-z/.-]+\.(?:kql|md|bicep|bicepparam|jsonc?))\b/g);
    expect(named.filter((name) => !name.startsWith('my.') && !existsSync(`${root}/infra/${name}`))).toEqual([]);
  },
);

it('the compiler finds what is wrong with a query', () => {
  expect(diagnose('AppTraces | where Mesage has "x"')).toEqual([expect.stringContaining('Mesage')]);
  expect(diagnose('AppTraces | summarize latest = max(')).not.toEqual([]);
});

it('events are found in the source', () => {
  expect([...events]).toEqual(
    expect.arrayContaining(['defect', 'deletion-refused', 'reply-not-sent', 'retry-not-sent']),
  );
});

it.each(queries)('%s names only events, changes, states and problems that the function writes', (path) => {
  const query = infraFile(path);
  expect(comparedWith(query, 'event').filter((name) => !events.has(name))).toEqual([]);
  const changes: readonly string[] = TRANSITION_NAMES;
  expect(comparedWith(query, 'change').filter((name) => !changes.includes(name))).toEqual([]);
  expect(comparedWith(query, 'problem').filter((name) => !(name in PROBLEMS))).toEqual([]);
  const states: readonly string[] = auditRecordSchema.shape.state.options;
  const isState = (name: string): boolean => states.includes(name) || sources.includes(`state: '${name}'`);
  expect(comparedWith(query, 'state').filter((name) => !isState(name))).toEqual([]);
});

/** Their audit records say the same, and alerts read those. */
const AUDITED = ['outcome-unknown'];

it('every event of level error is read by an alert', () => {
  const read = kqlIn('alerts').flatMap((path) => comparedWith(infraFile(path), 'event'));
  const errors = [...matches(sources, /level: 'error',\s+event: '([a-z-]+)'/g), ...sentWithRetry];
  expect(errors).toEqual(expect.arrayContaining(['defect', 'retry-not-sent', 'deletion-refused']));
  expect(errors.filter((event) => !read.includes(event) && !AUDITED.includes(event))).toEqual([]);
});

/** It comes every minute, and nothing is wrong while reviews heal by themselves. Alerts count it, so it is no error. */
const COUNTED = ['reviews-late', 'review-undecided', 'event-not-published', 'open-credentials'];

it.each(COUNTED)('%s, which is no error, is read by an alert all the same', (event) => {
  expect([...events]).toContain(event);
  expect(kqlIn('alerts').flatMap((path) => comparedWith(infraFile(path), 'event'))).toContain(event);
});

it('counts are asked for by names that they have', () => {
  const counts = queries.map(infraFile).flatMap((query) => matches(query, /\brecord\.counts\.(\w+)/g));
  expect(counts.toSorted()).toEqual(['denied', 'seconds']);
  for (const name of counts) expect(sources).toMatch(new RegExp(`counts(?: =|:) \\{ ${name}\\b`));
});

it('the runbook says what to do about every reason for which a credential waits', () => {
  const [, rows = ''] = /\| reason \| what to do \|\n([\s\S]+?)\n\n/.exec(infraFile('RUNBOOK.md')) ?? [];
  expect(OPEN_REASONS.filter((reason) => !rows.includes(`| \`${reason}\` |`))).toEqual([]);
});

it('every event that an alert counts has a row in the runbook', () => {
  const [, rows = ''] = /\| event \| first suspect \|\n([\s\S]+?)\n\n/.exec(infraFile('RUNBOOK.md')) ?? [];
  const counted = comparedWith(infraFile('alerts/dependency-failing.kql'), 'event');
  expect(counted.filter((event) => !rows.includes(`\`${event}\``))).toEqual([]);
});

it('every event of a key that nobody decided about has a row in the runbook', () => {
  const [, rows = ''] = /\| event \| what it says \|\n([\s\S]+?)\n\n/.exec(infraFile('RUNBOOK.md')) ?? [];
  const named = comparedWith(infraFile('alerts/undecided-key.kql'), 'event');
  expect(named.filter((event) => !rows.includes(`| \`${event}\` |`))).toEqual([]);
});

it('comparisons are found in the queries', () => {
  const every = queries.map(infraFile).join('\n');
  expect(comparedWith(every, 'event')).toEqual(
    expect.arrayContaining(['defect', 'message-abandoned', 'retry-not-sent']),
  );
  expect(comparedWith(every, 'state')).toEqual(expect.arrayContaining(['unknown', 'vended', 'revoked']));
  expect(comparedWith(every, 'change')).toEqual(expect.arrayContaining(['recordVended', 'recoverUnknown']));
  expect(comparedWith(every, 'problem')).toContain('quota-exhausted');
});

it.each(queries)('%s reads only fields that records have', (path) => {
  const query = infraFile(path);
  const audit = JSON.stringify(z.toJSONSchema(auditRecordSchema));
  const log = readFileSync(`${root}/src/vending/ports/telemetry.ts`, 'utf8');
  const ofAudit = matches(query, /\baudit\.(\w+(?:\.\w+)?)/g).flatMap((field) => field.split('.'));
  expect(ofAudit.filter((field) => !audit.includes(`"${field}":`))).toEqual([]);
  const ofLog = matches(query, /\brecord\.(\w+)/g).filter((field) => field !== 'audit');
  expect(ofLog.filter((field) => !new RegExp(`readonly ${field}\\??:`).test(log))).toEqual([]);
});

/** An operation of Key Vault. No function of ours logs it. */
const VAULT_OPERATION = 'SecretNearExpiryEventGridNotification';

it.each(queries)('%s asks for functions that exist', (path) => {
  const index = readFileSync(`${root}/src/index.ts`, 'utf8');
  const routes: readonly string[] = [...HEALTH_ROUTES, ...ROUTES].map(({ name }) => name);
  const isFunction = (name: string): boolean =>
    name === VAULT_OPERATION || routes.includes(name) || name === triggerName('') || index.includes(`('${name}', `);
  expect(comparedWith(infraFile(path), 'OperationName').filter((name) => !isFunction(name))).toEqual([]);
});

it.each(['alerts/failure-ratio.kql', 'alerts/no-successful-vend.kql'])(
  '%s counts nothing that never reached a handler: anybody can send that',
  (path) => {
    const query = infraFile(path);
    expect(query).not.toContain('AppRequests');
    const operations = ['vendKey', 'rotateKey', 'retries', 'events', triggerName('')];
    expect(comparedWith(query, 'OperationName')).toEqual(operations);
  },
);

it('the queries can read what is logged', () => {
  const messages: string[] = [];
  const write = (message: unknown): void => void messages.push(String(message));
  const context = { info: write, warn: write, error: write } as unknown as InvocationContext;
  contextLog(context)({ level: 'error', event: 'defect', stack: 'at f' });
  const { audit } = contextFor({} as Effects, context, { party: 'worker', name: 'worker' });
  audit({ state: 'unknown' } as AuditRecord);
  expect(messages.map((message) => JSON.parse(message))).toEqual([
    { event: 'defect', stack: 'at f' },
    { audit: { state: 'unknown' } },
  ]);
  for (const query of queries.map(infraFile).filter((text) => text.includes('AppTraces'))) {
    const [, start = 'none'] = /Message startswith '([^']+)'/.exec(query) ?? [];
    expect(messages.filter((message) => !message.startsWith(start))).toEqual([]);
  }
});

it('a chart of the workbook names columns that its query has', () => {
  const panels = [
    ...infraFile('modules/workbook.bicep').matchAll(/axes: \{(.*)\}\n {4}query: loadTextContent\('\.\.\/([^']+)'\)/g),
  ];
  expect(panels.length).toBeGreaterThan(4);
  for (const [, axes = '', path = ''] of panels) {
    const columns = columnsOf(infraFile(path));
    expect(
      matches(axes, /'(\w+)'/g).filter((name) => !columns.includes(name)),
      path,
    ).toEqual([]);
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
