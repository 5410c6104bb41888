/**
 * The same service as a competent engineer writes it from the SDKs' readmes in an afternoon: no ledger, no idempotency,
 * no compensation, no policy.
 */
import './queue.ts';
import { answerHttp } from './http.ts';
import { vend } from './vend.ts';

answerHttp(vend);
