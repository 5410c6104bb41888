import { describe, expect, it } from 'vitest';
import { destinationOf, parseTlsRoutes } from '../../../src/sandbox/tls/routes.ts';

const ROUTES = parseTlsRoutes('{"management.azure.com": 1001, "*.vault.azure.net": 1002}');

describe('destinationOf', () => {
  it.each([
    ['management.azure.com', { kind: 'routed', port: 1001 }],
    ['Management.Azure.COM', { kind: 'routed', port: 1001 }],
    ['sandbox.vault.azure.net', { kind: 'routed', port: 1002 }],
    ['127.0.0.1', { kind: 'loopback' }],
    ['localhost', { kind: 'loopback' }],
    ['::1', { kind: 'loopback' }],
    ['vault.azure.net', { kind: 'refused' }],
    ['a.b.vault.azure.net', { kind: 'refused' }],
    ['evilvault.azure.net', { kind: 'refused' }],
    ['management.azure.com.example.com', { kind: 'refused' }],
    ['8.8.8.8', { kind: 'refused' }],
    ['constructor', { kind: 'refused' }],
    ['', { kind: 'refused' }],
  ])('%j', (host, destination) => {
    expect(destinationOf(host, ROUTES)).toEqual(destination);
  });
});

describe('parseTlsRoutes', () => {
  it.each([
    undefined,
    '',
    '[]',
    '{"*": 443}',
    '{"*.azure.net": "443"}',
    '{"a.example": 0}',
    '{"a.*.example": 1}',
    '{"a.example:443": 1}',
  ])('refuses %j, naming the variable', (text) => {
    expect(() => parseTlsRoutes(text)).toThrow('SANDBOX_TLS_ROUTES');
  });
});
