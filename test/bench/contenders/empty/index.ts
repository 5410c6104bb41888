/** The least that a function app can be: what it costs is what the library, the worker and Node.js cost. */
import { app } from '@azure/functions';

app.http('empty', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ status: 204 }) });
