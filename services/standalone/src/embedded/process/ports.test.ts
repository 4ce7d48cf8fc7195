import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, listeningInodes, portErrorText, portOwner, requireFreePort } from './ports.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000
   1: 0100007F:1538 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000`;

describe('ports', () => {
  it('finds the sockets that listen on a port, not the connections to it', () => {
    expect(listeningInodes(TABLE, 5432)).toEqual(['4711']);
    expect(listeningInodes(TABLE, 80)).toEqual(['4713']);
    expect(listeningInodes(TABLE, 8080)).toEqual([]);
  });

  it('gives a port that can be listened on', async () => {
    const port = await freePort();
    // Above are the ports of outgoing connections, which may take it before it is used.
    expect(port).toBeLessThan(32_768);
    expect(port).toBeGreaterThan(0);
    await expect(requireFreePort(port, 'the server', 'SERVER_PORT')).resolves.toBeUndefined();
  });

  it('refuses a taken port, naming it, its holder and the setting that changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const refusal = await requireFreePort(port, 'the server', 'SERVER_PORT').catch((error: Error) => error.message);
    server.close();
    expect(refusal).toContain(`Port ${port} on 127.0.0.1 is taken by `);
    expect(refusal).toContain('choose another port for the server with SERVER_PORT');
    if (process.platform === 'linux') expect(refusal).toContain(`pid ${process.pid} (`);
  });

  it('knows no owner of a port nobody listens on', async () => {
    expect(portOwner(await freePort())).toBeUndefined();
  });

  it('tells a port one may not use from a port that is taken', () => {
    const text = portErrorText({ port: 80, name: 'the server', setting: 'PORT', code: 'EACCES', owner: undefined });
    expect(text).toBe(
      'Port 80 on 127.0.0.1 cannot be listened on (EACCES); choose another port for the server with PORT',
    );
  });
});
