import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILE_CACHE } from '../../src/sandbox/host/launch.ts';
import { infraFile } from './bicep/syntax.ts';
import { createStandIns } from './stand-ins.ts';

const ROOT = `${import.meta.dirname}/../..`;
export const READY = 'https://ckvend-app.azurewebsites.net/api/health/ready';
export const PROVIDERS = 'Web Storage ServiceBus KeyVault ManagedIdentity OperationalInsights Insights';

const AZ = `
called() { grep -c "^$1" "$CALLS"; }
case "$*" in
  'version '*) echo "\${AZ_VERSION:-2.79.0}" ;;
  'account show '*)
    [ -z "\${NO_LOGIN:-}" ] || { echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }
    echo 'Team Azure 00000000-0000-0000-0000-000000000001' ;;
  'bicep build-params '*)
    [ -z "\${COMPILER:-}" ] || exec "$COMPILER" build-params "$4" --outfile "\${@: -1}" --no-restore
    cp "$(basename "$4").json" "\${@: -1}" ;;
  'provider list '*)
    [ -z "\${NO_PROVIDERS:-}" ] || { echo 'ERROR: (AuthorizationFailed)' >&2; exit 1; }
    printf 'Microsoft.%s\\n' $PROVIDERS ;;
  'resource show '*) [ -z "\${NO_ORGANIZATION:-}" ] || { echo 'ERROR: (ResourceNotFound)' >&2; exit 3; } ;;
  'lock list '*) echo "\${LOCKS:-}" ;;
  'functionapp list-flexconsumption-runtimes '*) printf '%s\\n' $RUNTIMES ;;
  'group exists '*)
    [ "\${GROUP_EXISTS:-}" != unknown ] || { echo 'ERROR: (AuthorizationFailed)' >&2; exit 1; }
    echo "\${GROUP_EXISTS:-true}" ;;
  'group show '*) echo westeurope ;;
  'deployment group what-if '*) echo '  + Microsoft.Web/sites/ckvend-app' ;;
  'deployment group create '*)
    [ -z "\${REFUSED:-}" ] || { echo "ERROR: $REFUSED" >&2; exit 1; }
    [ "$(called $'az\\tdeployment\\tgroup\\tcreate')" -gt "\${ROLES_LATE:-0}" ] || { echo 'ERROR: role' >&2; exit 1; } ;;
  *outputs.functionName.value*) echo ckvend-app ;;
  *outputs.readyUrl.value*) echo ${READY} ;;
  'functionapp deployment source config-zip '*)
    [ "$(called $'az\\tfunctionapp\\tdeployment')" -gt "\${STORAGE_LATE:-0}" ] || { echo 'ERROR: 403' >&2; exit 1; }
    echo 'Waiting for sync triggers...' >&2
    [ -z "\${HEALTH_SILENT:-}" ] || { echo $$ > "$HEALTH_SILENT"; exec sleep 300; } ;;
esac`;

const CURL = `
[ -z "\${CURL_CODE:-}" ] || { printf 000; exit $CURL_CODE; }
while [ $# -gt 0 ]; do [ "$1" != --output ] || file=$2; shift; done
echo '{"status":"not-ready","failing":["vault"]}' > "$file"
[ "$(grep -c ^curl "$CALLS")" -gt "\${READY_LATE:-0}" ] && printf 200 || printf "\${STATUS:-503}"`;

/** Steps before anything is changed. */
export const CHECKS = [
  'az version',
  'az account show',
  'az bicep build-params',
  'az bicep build-params',
  'az provider list',
  'az resource show',
  'az lock list',
  'az functionapp list-flexconsumption-runtimes',
];

export const SAMPLE = {
  namePrefix: 'ckvend',
  policy: infraFile('policy.sample.jsonc'),
  entraAudience: 'api://confluent-api-key-vending',
  confluentResourceGroup: 'myResourceGroup',
  confluentOrganization: 'myOrganization',
  alertEmails: ['platform-team@example.com'],
  runbookUrl: 'https://example.com/confluent-api-key-vending/infra/RUNBOOK.md',
};
export const MINE = {
  namePrefix: 'ckvend',
  policy: '{ "rules": [] } // none yet',
  entraAudience: '66666666-6666-6666-6666-666666666666',
  confluentResourceGroup: 'streaming',
  confluentOrganization: 'our-organization',
  alertEmails: ['us@our.example'],
  runbookUrl: 'https://wiki.our.example/runbook',
};

export interface Deployment {
  readonly home: string;
  readonly script: string;
  environment(env: Env): Readonly<Record<string, string | undefined>>;
  run(args?: readonly string[], env?: Env): SpawnSyncReturns<string> & { readonly steps: string[] };
  calls(): string[][];
  /** Sets the values that the Bicep compiler finds in a parameter file. */
  evaluated(file: 'main' | 'my', values: Readonly<Record<string, unknown>>): void;
  /** As at first: no calls, and parameters that are filled in. */
  reset(): void;
  close(): void;
}
type Env = Readonly<Record<string, string>>;

/** The words of a call before its first option. */
export function stepOf(call: readonly string[]): string {
  const options = call.findIndex((word) => word.startsWith('-'));
  return call.slice(0, options < 0 ? undefined : options).join(' ');
}

/** `deploy.sh` in a project of its own, where Azure, npm and curl are stand-ins. */
export function createDeployment(): Deployment {
  const home = mkdtempSync(join(tmpdir(), 'deploy-'));
  const script = join(home, 'infra/deploy.sh');
  cpSync(join(ROOT, 'infra'), join(home, 'infra'), { recursive: true });
  for (const folder of ['node_modules', 'src']) symlinkSync(join(ROOT, folder), join(home, folder));
  writeFileSync(join(home, 'infra/my.bicepparam'), '');
  const standIns = createStandIns({ az: AZ, npm: '', curl: CURL });
  const environment = (env: Env) => ({
    PATH: `${standIns.folder}:${process.env.PATH}`,
    PROVIDERS,
    RUNTIMES: '22 24',
    READY_PAUSE_SECONDS: '0',
    ROLE_PAUSE_SECONDS: '0',
    ...COMPILE_CACHE,
    ...standIns.env,
    ...env,
  });
  const evaluated: Deployment['evaluated'] = (file, values) => {
    const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
    writeFileSync(join(home, `${file}.bicepparam.json`), JSON.stringify({ parameters }));
  };
  return {
    home,
    script,
    environment,
    run: (args = ['key-vending', 'westeurope'], env = {}) => {
      const done = spawnSync('/bin/bash', [script, ...args], { encoding: 'utf8', env: environment(env) });
      return { ...done, steps: standIns.calls().map(stepOf) };
    },
    calls: () => standIns.calls(),
    evaluated,
    reset: () => {
      standIns.forget();
      evaluated('main', SAMPLE);
      evaluated('my', MINE);
    },
    close: () => {
      standIns.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
