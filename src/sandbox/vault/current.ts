import { KeyVaultError } from './errors.ts';
import { currentVersion, type SecretStore } from './secret-store.ts';

/** The version that a reference without a version leads to: the newest, disabled or not. The vault never falls back. */
export interface CurrentView {
  readonly version: string;
  /** The answer to `GET /secrets/{name}` for a reader of values. */
  readonly versionless:
    | { readonly status: 200; readonly version: string; readonly value: string }
    | { readonly status: number; readonly error: unknown };
}

export function viewCurrent(store: SecretStore | undefined, name: string): CurrentView | undefined {
  const secret = store?.find(name);
  if (store === undefined || secret === undefined) return undefined;
  return { version: currentVersion(secret).version, versionless: readVersionless(store, name) };
}

function readVersionless(store: SecretStore, name: string): CurrentView['versionless'] {
  try {
    const { version, value } = store.read(name, '');
    return { status: 200, version, value };
  } catch (error) {
    if (!(error instanceof KeyVaultError)) throw error;
    const { status, body } = error.toResponse();
    return { status, error: (body as { error: unknown }).error };
  }
}
