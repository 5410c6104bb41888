import { tableUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { DOCUMENT, ROWS } from './rows-of-a-vend.ts';

export const LEDGER_HOST = new URL(tableUrl(WORLD.storageAccount)).host;

export interface Transaction {
  readonly rows: number;
  readonly contentType: string;
  readonly body: string;
}

/** As many inserts as each transaction of a vend has, written by hand. */
export function transactionsOf(id: string): readonly Transaction[] {
  return ROWS.map((rows, place) => {
    const inserts = Array.from(
      { length: rows },
      (_, row) =>
        `--changeset_${id}\r\ncontent-type: application/http\r\ncontent-transfer-encoding: binary\r\n\r\n` +
        `POST https://${LEDGER_HOST}/${WORLD.ledgerTable} HTTP/1.1\r\ncontent-type: application/json\r\n` +
        `accept: application/json\r\ndataserviceversion: 3.0\r\nprefer: return-no-content\r\n\r\n` +
        `{"PartitionKey":"ledger","RowKey":"bench_${id}_${place}_${row}","document":"${DOCUMENT}"}\r\n`,
    );
    return {
      rows,
      contentType: `multipart/mixed; boundary=batch_${id}`,
      body: `--batch_${id}\r\ncontent-type: multipart/mixed; boundary=changeset_${id}\r\n\r\n${inserts.join('')}--changeset_${id}--\r\n--batch_${id}--\r\n`,
    };
  });
}
