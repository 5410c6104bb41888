/**
 * The same service as a competent engineer writes it from the SDKs' readmes in an afternoon: no ledger, no idempotency,
 * no compensation, no policy.
 */
import './http.ts';
import './queue.ts';
