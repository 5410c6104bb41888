import { gzipSync } from 'node:zlib';
import { AzureLogger } from '@azure/logger';
import { TypeSpecRuntimeLogger } from '@typespec/ts-http-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { errorAnswer, exampleAnswer, goodCredential, mint, SECRET, TARGET, UPSTREAM_TEXT } from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';
import { shown } from './shown.ts';

// Read when the clients are loaded.
vi.hoisted(() => {
  process.env.AZURE_LOG_LEVEL = 'verbose';
  process.env.TYPESPEC_RUNTIME_LOG_LEVEL = 'verbose';
});

let arm: ScriptedArm;
let keys: ConfluentKeys;
let logged: unknown[] = [];

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
  for (const logger of [AzureLogger, TypeSpecRuntimeLogger]) logger.log = (...args: unknown[]) => logged.push(args);
});
afterAll(() => arm.close());
beforeEach(() => {
  logged = [];
});

const echoing = errorAnswer('Conflict', `${UPSTREAM_TEXT}: ${SECRET}`);
const json = JSON.stringify(exampleAnswer());

const SCRIPTS: readonly [string, Script][] = [
  ['a mint', answering(200, exampleAnswer())],
  ['a 201', answering(201, exampleAnswer())],
  ['an unexpected 202', answering(202, exampleAnswer())],
  ['a gzip answer', (res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(json))],
  ['a damaged gzip answer', (res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(json)],
  ['a secret without an id', answering(200, { ...exampleAnswer(), id: '' })],
  ['half of the JSON', answering(200, json.slice(0, -10))],
  ['JSON and more', answering(200, `${json}${SECRET}`)],
  [
    'an answer that is cut',
    (res) => {
      res.writeHead(200, { 'content-length': String(json.length + 1) });
      res.write(json, () => res.destroy());
    },
  ],
  ['an answer that is too long', answering(200, { ...exampleAnswer(), more: SECRET.repeat(1_000) })],
  ['an error that echoes the secret', answering(500, echoing)],
  ['a conflict that echoes the secret', answering(409, echoing, { 'x-ms-failure-cause': 'gateway' })],
  ['a refusal that echoes the secret', answering(400, echoing)],
  ['a throttling that echoes the secret', answering(429, echoing)],
  ['an error whose code is the secret', answering(400, errorAnswer(SECRET))],
  ['a request id that is the secret', answering(500, undefined, { 'x-ms-request-id': SECRET })],
  ['a redirect that bears the secret', answering(307, undefined, { location: `/${SECRET}` })],
];

describe('neither secret nor upstream text is shown, even with verbose logs, by', () => {
  it.each(SCRIPTS)('%s', async (_name, script) => {
    arm.play(script);
    const outcomes = [
      await mint(keys),
      await keys.getKey(TARGET, 'JDCXTFUVFVQGF56J'),
      await keys.deleteKey(TARGET, 'JDCXTFUVFVQGF56J'),
    ];
    expect(shown(logged)).toContain('Attempting to send request');
    for (const place of [shown(outcomes), shown(logged)]) {
      expect(place).not.toContain(SECRET);
      expect(place).not.toContain(SECRET.slice(0, 20));
      expect(place).not.toContain(UPSTREAM_TEXT);
    }
  });
});
