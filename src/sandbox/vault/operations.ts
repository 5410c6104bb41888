import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import { parseUpdate, parseWrite } from './bodies.ts';
import { deletedBundle, deletedItem, secretItem, type VaultFacts, valueBundle, versionBundle } from './bundles.ts';
import { page } from './paging.ts';
import type { SecretOperation } from './routes.ts';
import { currentVersion, type SecretStore, type SecretVersion, type StoredSecret } from './secret-store.ts';

export interface SecretCall {
  readonly operation: SecretOperation;
  readonly name: string;
  readonly version: string;
  readonly request: EmulatorRequest;
  readonly facts: VaultFacts;
}

/** Does an operation whose caller may do it. @throws KeyVaultError */
export function performOperation(store: SecretStore, call: SecretCall): EmulatorResponse {
  const { name, version, request, facts } = call;
  switch (call.operation) {
    case 'setSecret': {
      const secret = store.set(name, parseWrite(request));
      return ok(valueBundle(facts, secret.name, currentVersion(secret)));
    }
    case 'getSecret':
      return ok(valueBundle(facts, store.get(name).name, store.read(name, version)));
    case 'updateSecret':
      return ok(versionBundle(facts, store.get(name).name, store.update(name, version, parseUpdate(request))));
    case 'deleteSecret':
      return ok(deletedBundle(facts, store.delete(name)));
    case 'getDeletedSecret':
      return ok(deletedBundle(facts, store.getDeleted(name)));
    case 'recoverSecret': {
      const secret = store.recover(name);
      return ok(versionBundle(facts, secret.name, currentVersion(secret)));
    }
    case 'purgeSecret':
      store.purge(name);
      return { status: 204 };
    case 'listSecrets':
      return ok(page(request, store.list(), lowerName, (secret) => secretItem(facts, secret)));
    case 'listDeletedSecrets':
      return ok(page(request, store.listDeleted(), lowerName, (secret) => deletedItem(facts, secret)));
    case 'listVersions': {
      // A name without versions is no error to the real service: its list is empty, deleted or never heard of.
      const { name: spelling, versions } = store.find(name) ?? { name, versions: [] };
      const show = (one: SecretVersion): Record<string, unknown> => versionBundle(facts, spelling, one);
      return ok(page(request, versions, (one) => one.version, show));
    }
  }
}

const lowerName = (secret: StoredSecret): string => secret.name.toLowerCase();
const ok = (body: unknown): EmulatorResponse => ({ status: 200, body });
