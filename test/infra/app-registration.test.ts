import { expect, it } from 'vitest';
import * as z from 'zod';
import { readOptions } from '../smoke/options.ts';
import { parametersOf } from './bicep/document.ts';
import { infraFile, literalOf, parseBicep } from './bicep/syntax.ts';

const scope = z.looseObject({ id: z.guid(), value: z.string(), isEnabled: z.literal(true) });
const api = z.strictObject({ requestedAccessTokenVersion: z.literal(2), oauth2PermissionScopes: z.array(scope) });
const registrationSchema = z.looseObject({
  identifierUris: z.array(z.string()),
  api,
  appRoles: z.array(z.looseObject({ id: z.guid(), value: z.string(), isEnabled: z.literal(true) })),
});
const clientSchema = z.strictObject({
  api: api.extend({
    preAuthorizedApplications: z.array(z.strictObject({ appId: z.guid(), delegatedPermissionIds: z.array(z.guid()) })),
  }),
});

const registration = registrationSchema.parse(JSON.parse(infraFile('app-registration.json')));
const client = clientSchema.parse(JSON.parse(infraFile('app-registration-cli.json')));

it('smoke asks for tokens of the application that is registered', () => {
  const args = ['--url', 'https://a.example', '--environment', 'env-1', '--cluster', 'lkc-1'];
  expect(registration.identifierUris).toEqual([readOptions(args, {}).audience]);
});

it('the settings of a laptop have the audience of version 2 tokens, which is a client id', () => {
  const { Values } = z
    .looseObject({ Values: z.record(z.string(), z.string()) })
    .parse(JSON.parse(infraFile('../local.settings.sample.json')));
  expect(registration.api.requestedAccessTokenVersion).toBe(2);
  expect(z.guid().safeParse(Values.ENTRA_AUDIENCE).success).toBe(true);
});

it('has the roles that the settings name by default and the sample policy grants to', async () => {
  const roles = registration.appRoles.map(({ value }) => value);
  const main = parametersOf(await parseBicep(infraFile('main.bicep')));
  const operator = main.find(({ name }) => name === 'operatorRole')?.value;
  expect(roles).toContain(operator === undefined ? undefined : literalOf(operator));
  const granted = [...infraFile('policy.sample.jsonc').matchAll(/"roles": \["(.*)"\]/g)].map(([, role]) => role);
  expect(roles).toEqual(expect.arrayContaining(granted));
  expect(roles).toContain('KeyVending.EventSender');
});

it('the update lets the Azure CLI have the scope, and changes nothing else: Graph refuses changes to an enabled scope', () => {
  const { preAuthorizedApplications, ...rest } = client.api;
  expect(rest).toEqual(registration.api);
  const delegatedPermissionIds = registration.api.oauth2PermissionScopes.map(({ id }) => id);
  expect(preAuthorizedApplications).toEqual([
    { appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', delegatedPermissionIds },
  ]);
});

it('gives every role and scope an id of its own', () => {
  const ids = [...registration.appRoles, ...registration.api.oauth2PermissionScopes].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
