import { afterEach, expect, it, vi } from 'vitest';
import { ignoreProxies } from '../src/azure/http.ts';
import { connect } from '../src/connect.ts';
import { read } from './config-env.ts';

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'HTTP_PROXY', 'http_proxy'];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('no variable that names a proxy is left to the clients, and no other is touched', () => {
  const proxies = Object.fromEntries(NAMES.map((name) => [name, 'http://proxy.example']));
  const env = { ...proxies, NO_PROXY: 'x', PATH: '/bin' };
  expect(ignoreProxies(env)).toEqual(NAMES);
  expect(env).toEqual({ NO_PROXY: 'x', PATH: '/bin' });
  expect(ignoreProxies({ HTTPS_PROXY: '', http_proxy: undefined })).toEqual([]);
});

it.each<[set: readonly string[], warnings: readonly string[]]>([
  [[], []],
  [['HTTP_PROXY'], ['No client of this function uses a proxy, so HTTP_PROXY is ignored.']],
  [['HTTPS_PROXY', 'all_proxy'], ['No client of this function uses a proxy, so HTTPS_PROXY, all_proxy is ignored.']],
])('where %j is set, the start warns %j', (set, warnings) => {
  for (const name of NAMES) vi.stubEnv(name, set.includes(name) ? 'http://proxy.example' : undefined);
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  connect(read({}), new AbortController().signal);
  expect(warned.mock.calls).toEqual(warnings.map((text) => [text]));
  expect(NAMES.filter((name) => process.env[name] !== undefined)).toEqual([]);
});
