import { parseArgs } from 'node:util';
import { servePage } from './serve.ts';

/** Serves the example page until it is interrupted: `make example`, for a platform that runs. */
const { values } = parseArgs({
  options: {
    upload: { type: 'string', default: 'http://127.0.0.1:3001' },
    gateway: { type: 'string', default: 'http://127.0.0.1:1984' },
    port: { type: 'string', default: '3003' },
  },
});
await servePage({ uploadUrl: values.upload, gatewayUrl: values.gateway }, Number(values.port));
console.log(`Open http://127.0.0.1:${values.port}: it uploads to ${values.upload}. Stop with Ctrl-C.`);
