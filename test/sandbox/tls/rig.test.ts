import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';

const RIG = new URL('../../../src/sandbox/tls/rig.ts', import.meta.url).href;
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

let folder: string;
let server: Server;
let caFile: string;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rig-'));
  const { caPem, cert, key } = await createCertificates(['management.azure.com', '*.vault.azure.net']);
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, caPem);
  server = createServer({ cert, key }, (req, res) => {
    const { servername, alpnProtocol, remotePort } = req.socket as TLSSocket;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ host: req.headers.host, servername, alpnProtocol, remotePort }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Runs a script under the rig; it prints one JSON value. */
async function underRig(script: string, options: { trusted?: boolean } = {}): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', RIG, ...scriptArguments(script)], {
    cwd: REPOSITORY,
    env: {
      PATH: process.env.PATH,
      SANDBOX_TLS_ROUTES: JSON.stringify({
        'management.azure.com': port,
        'login.microsoftonline.com': port,
        '*.vault.azure.net': port,
      }),
      ...((options.trusted ?? true) && { NODE_EXTRA_CA_CERTS: caFile }),
    },
  });
  return JSON.parse(stdout);
}

const scriptArguments = (script: string): string[] =>
  script.endsWith('.cjs') ? [script] : ['--input-type=module', '--eval', script];

const viaFetch = (url: string): string => `
  const answer = await fetch('${url}').then((response) => response.json(), ({ cause }) => ({ code: cause.code, message: cause.message }));
  console.log(JSON.stringify(answer));`;

const viaPipeline = (url: string, requests = 1): string => `
  import { createDefaultHttpClient, createPipelineRequest } from '@azure/core-rest-pipeline';
  const client = createDefaultHttpClient();
  const answers = [];
  for (let n = 0; n < ${requests}; n++) {
    const request = createPipelineRequest({ url: '${url}' });
    answers.push(await client.sendRequest(request).then(
      (response) => JSON.parse(response.bodyAsText), ({ code, message }) => ({ code, message })));
  }
  console.log(JSON.stringify(answers));`;

const refused = (host: string): unknown =>
  expect.objectContaining({ code: 'ECONNREFUSED', message: expect.stringContaining(`${host}:443 refused`) });

describe('a process under the rig', () => {
  it('reaches an emulator by its production name with fetch', async () => {
    expect(await underRig(viaFetch('https://management.azure.com/'))).toMatchObject({
      host: 'management.azure.com',
      servername: 'management.azure.com',
      alpnProtocol: 'http/1.1',
    });
  });

  it('reaches a wildcard host with the Azure pipeline, and keeps the connection alive', async () => {
    const [first, second] = (await underRig(viaPipeline('https://sandbox.vault.azure.net/', 2))) as [
      { servername: string; remotePort: number },
      { remotePort: number },
    ];
    expect(first.servername).toBe('sandbox.vault.azure.net');
    expect(second.remotePort).toBe(first.remotePort);
  });

  it('reaches loopback unchanged', async () => {
    expect(await underRig(viaFetch(`https://localhost:${port}/`))).toMatchObject({ servername: 'localhost' });
    expect(await underRig(viaPipeline(`https://127.0.0.1:${port}/`))).toMatchObject([{ host: `127.0.0.1:${port}` }]);
  });

  it('refuses every other host with fetch', async () => {
    expect(await underRig(viaFetch('https://example.com/'))).toEqual(refused('example.com'));
  });

  it('refuses every other host with the Azure pipeline', async () => {
    expect(await underRig(viaPipeline('https://example.com/'))).toEqual([refused('example.com')]);
  });

  it('refuses a port on which Azure does not answer', async () => {
    expect(await underRig(viaFetch('https://management.azure.com:8443/'))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('checks the certificate against the production name', async () => {
    expect(await underRig(viaFetch('https://login.microsoftonline.com/'))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('trusts only NODE_EXTRA_CA_CERTS', async () => {
    const answer = await underRig(viaFetch('https://management.azure.com/'), { trusted: false });
    expect(answer).toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) });
  });

  it.each([
    ['port, host, options', `connect(443, 'management.azure.com', { ALPNProtocols: ['http/1.1'] }`],
    ['port, options', `connect(443, { host: 'management.azure.com' }`],
    ['options', `connect({ port: '443', host: 'management.azure.com' }`],
  ])('guards a connect that was imported by name: (%s, listener)', async (_, call) => {
    const script = `
      import { connect } from 'node:tls';
      const socket = ${call}, () => { console.log(JSON.stringify(socket.servername)); socket.destroy(); });`;
    expect(await underRig(script)).toBe('management.azure.com');
  });

  it.each([
    ['a socket', `{ socket: new net.Socket(), host: 'management.azure.com' }`],
    ['a pipe', `'/tmp/pipe'`],
  ])('refuses TLS over %s that was opened elsewhere', async (_, argument) => {
    const script = `
      import net from 'node:net';
      import tls from 'node:tls';
      tls.connect(${argument}).on('error', ({ code }) => console.log(JSON.stringify(code)));`;
    expect(await underRig(script)).toBe('ECONNREFUSED');
  });

  it('guards a CommonJS bundle', async () => {
    const outfile = join(folder, 'bundle.cjs');
    const contents = `(async () => { ${viaPipeline('https://management.azure.com/').replace(
      /import (.*) from '(.*)';/,
      `const $1 = require('$2');`,
    )} })();`;
    await build({
      stdin: { contents, resolveDir: REPOSITORY },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
      logLevel: 'error',
    });
    expect(await underRig(outfile)).toMatchObject([{ servername: 'management.azure.com' }]);
  });
});
