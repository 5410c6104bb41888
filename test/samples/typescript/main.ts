/** The life of one credential: `VENDING_URL=… VENDING_TOKEN=… node main.ts order-1`. */
import { argv, env } from 'node:process';
import { createVending, VendingError } from './client.ts';

const { VENDING_URL = 'http://localhost:7071/api', VENDING_TOKEN = '' } = env;
const [, , order = 'order-1'] = argv;
// In Azure: new DefaultAzureCredential().getToken(`${audience}/.default`).
const vending = createVending(VENDING_URL, async () => VENDING_TOKEN);

const vended = await vending.vend(order, { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'orders' });
console.log(`vended ${vended.id} ${vended.apiKey?.id} ${vended.secret.keyVaultReference}`);

const { status } = await vending.read(vended.id);
console.log(`read ${status}`);

const { apiKey, previous } = await vending.rotate(`${order}-rotation-1`, vended);
console.log(`rotated ${apiKey?.id}, and ${previous?.apiKeyId} lives until ${previous?.revokeAt}`);

const revoked = await vending.revoke(vended.id);
console.log(revoked.status);

try {
  await vending.vend(order, { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'orders' });
} catch (error) {
  if (!(error instanceof VendingError)) throw error;
  switch (error.status) {
    case 400:
      console.log(`correct ${error.problem?.errors?.map(({ pointer }) => pointer).join(', ')}`);
      break;
    case 403:
      console.log(`ask for a policy rule, and quote ${error.problem?.instance}`);
      break;
    default:
      console.log(`${error.status} ${error.problem?.type}: ${error.message}`);
  }
}
