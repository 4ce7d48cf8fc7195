import { databaseUrl, initdbCommand, serverCommand } from './arguments.ts';

describe('PostgreSQL command lines', () => {
  const base = { postgres: 'postgres', dataDir: '/data', port: 5432 };

  it('pass settings on', () => {
    expect(serverCommand({ ...base, settings: { max_connections: '200' } }).args).toContain('max_connections=200');
  });

  it('listen on this machine only, without a Unix socket, whatever the settings say', () => {
    const settings = { listen_addresses: '*', unix_socket_directories: '/tmp', port: '1' };
    const { args } = serverCommand({ ...base, settings });
    expect(args.filter((arg) => /listen_addresses|unix_socket|^port=/.test(arg)).sort()).toEqual([
      'listen_addresses=127.0.0.1',
      'port=5432',
      'unix_socket_directories=',
    ]);
  });

  it('make clusters that ask for a password', () => {
    expect(initdbCommand('initdb', '/data', '/secret').args).toEqual(
      expect.arrayContaining(['--auth=scram-sha-256', '--pwfile=/secret', '--pgdata=/data']),
    );
  });

  it('give URLs that carry any password and name', () => {
    const url = new URL(databaseUrl(5432, 'a/b@c:d', 'my db'));
    expect([decodeURIComponent(url.password), url.host, decodeURIComponent(url.pathname)]).toEqual([
      'a/b@c:d',
      '127.0.0.1:5432',
      '/my db',
    ]);
  });
});
