import * as z from 'zod';
import {
  type AuditRecord,
  type BulkRecord,
  type TrailRecord,
  trailRecordSchema,
} from '../../src/vending/model/audit.ts';
import type { LeakSearch } from './leaks.ts';

const lineSchema = z.object({ message: z.string() });

/** Records that no fault of Azure and no kill excuses. */
const DEFECT =
  /"event":"(?:defect|living-key-not-in-ledger|foreign-key|row-unreadable)"|uncaught exception|Timeout value was exceeded/;

/** Reads what the instances log: keeps audit records, notes defects, and searches everything for secrets. */
export class Trail {
  readonly records: AuditRecord[] = [];
  readonly bulks: BulkRecord[] = [];
  readonly defects: string[] = [];
  readonly leaks: LeakSearch;

  constructor(leaks: LeakSearch) {
    this.leaks = leaks;
  }

  readonly take = (line: string): void => {
    this.leaks.look('a log line', line);
    const message = lineSchema.safeParse(jsonOf(line)).data?.message ?? line;
    if (message.startsWith('{"audit":')) this.#keep(trailRecordSchema.parse(JSON.parse(message).audit));
    else if (DEFECT.test(message)) this.defects.push(message);
  };

  #keep(record: TrailRecord): void {
    if ('bulkId' in record) this.bulks.push(record);
    else if ('credentialId' in record) this.records.push(record);
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
