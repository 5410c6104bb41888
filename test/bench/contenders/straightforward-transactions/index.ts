/**
 * The straightforward function over HTTP, with the three transactions of our vend by Microsoft's client. It reads, decides
 * and logs nothing of ours. A function that writes these rows by this client costs at least as much.
 */
import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { DOCUMENT, ROWS } from '../../rows-of-a-vend.ts';
import { answerHttp } from '../straightforward/http.ts';
import { setting } from '../straightforward/setting.ts';
import { vend } from '../straightforward/vend.ts';

const ledger = new TableClient(
  setting('LEDGER_TABLE_ENDPOINT'),
  setting('LEDGER_TABLE_NAME'),
  new DefaultAzureCredential(),
);

answerHttp(async (request) => {
  const id = randomUUID();
  for (const [place, rows] of ROWS.entries()) await ledger.submitTransaction(changesOf(id, place, rows));
  return vend(request);
});

const changesOf = (id: string, place: number, rows: number): TransactionAction[] =>
  Array.from({ length: rows }, (_, row) => {
    const rowKey = `bench_${id}_${place}_${row}`;
    return ['create', { partitionKey: 'ledger', rowKey, document: DOCUMENT }];
  });
