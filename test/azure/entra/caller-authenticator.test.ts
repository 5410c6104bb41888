import { describe, expect, it } from 'vitest';
import { createCallerAuthenticator } from '../../../src/azure/entra/caller-authenticator.ts';
import { AUDIENCE, CLAIMS, forgedTokenOf, now, OID, TENANT, tokenOf, useEntra } from './entra.ts';

const entra = useEntra();

describe('a good token', () => {
  it('of version 2 names its caller and the roles', async () => {
    expect(await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`)).toEqual({
      kind: 'authenticated',
      caller: { id: `entra:${TENANT}:${OID}`, roles: ['Keys.Vend'] },
    });
  });

  it('of version 1 does so too', async () => {
    const { token } = await entra.issuer.issueResourceToken({ resource: AUDIENCE, oid: OID, appid: OID });
    expect(await entra.authenticator.authenticate(`bearer ${token}`)).toEqual({
      kind: 'authenticated',
      caller: { id: `entra:${TENANT}:${OID}`, roles: [] },
    });
  });

  it('gives one id, however the configuration and the token are cased', async () => {
    const shouting = createCallerAuthenticator({ tenantId: TENANT.toUpperCase(), audience: ['other', AUDIENCE] });
    const token = await tokenOf({ ...CLAIMS, oid: OID.toUpperCase(), tid: TENANT.toUpperCase() });
    expect(await shouting.authenticate(`Bearer ${token}`)).toMatchObject({
      caller: { id: `entra:${TENANT}:${OID}` },
    });
  });

  it.each([['Admin'], { 0: 'Admin' }, 'Admin', ['Admin', 7], null])(
    'has roles %j only as a list of text',
    async (roles) => {
      const outcome = await entra.authenticator.authenticate(`Bearer ${await tokenOf({ ...CLAIMS, roles })}`);
      const expected = Array.isArray(roles) && roles.every((role) => typeof role === 'string') ? roles : [];
      expect(outcome).toMatchObject({ kind: 'authenticated', caller: { roles: expected } });
    },
  );

  it('is taken for a minute longer, and a minute earlier, than it says', async () => {
    const skewed = [await tokenOf({ ...CLAIMS, exp: now() - 30 }), await tokenOf({ ...CLAIMS, nbf: now() + 30 })];
    for (const token of skewed) {
      expect(await entra.authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'authenticated' });
    }
  });

  it('is judged by the clock that was given', async () => {
    const clock = { now: () => Date.now() + 7_200_000 };
    const early = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE, clock });
    expect(await early.authenticate(`Bearer ${await entra.callerToken()}`)).toMatchObject({ kind: 'rejected' });
  });
});

describe('a token that was good before', () => {
  it('is no longer once it has ended', async () => {
    let clock = Date.now();
    entra.authenticator = createCallerAuthenticator({
      tenantId: TENANT,
      audience: AUDIENCE,
      clock: { now: () => clock },
    });
    const bearer = `Bearer ${await tokenOf({ ...CLAIMS, exp: now() + 120 })}`;
    for (const passed of [0, 100_000, 79_000]) {
      clock += passed;
      expect((await entra.authenticator.authenticate(bearer)).kind).toBe('authenticated');
    }
    clock += 2_000;
    expect((await entra.authenticator.authenticate(bearer)).kind).toBe('rejected');
  });

  it('does not vouch for another signature', async () => {
    const token = await tokenOf(CLAIMS);
    expect((await entra.authenticator.authenticate(`Bearer ${token}`)).kind).toBe('authenticated');
    const forged = await forgedTokenOf(CLAIMS);
    expect((await entra.authenticator.authenticate(`Bearer ${forged}`)).kind).toBe('rejected');
    expect((await entra.authenticator.authenticate(`Bearer ${token.slice(0, -4)}AAAA`)).kind).toBe('rejected');
  });
});

it('keys that cannot be fetched ahead are fetched by the request that needs them', async () => {
  const own = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
  entra.faults.add({ service: 'entra', times: 1, fault: { status: 503 } });
  await own.warmUp();
  expect(await own.authenticate(`Bearer ${await entra.callerToken()}`)).toMatchObject({ kind: 'authenticated' });
  entra.faults.add({ service: 'entra', fault: { status: 503 } });
  expect(await own.authenticate(`Bearer ${await tokenOf(CLAIMS)}`)).toMatchObject({ kind: 'authenticated' });
});
